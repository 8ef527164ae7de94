//! Somebody who is known at a door goes in or out, on SQLite: the busiest update there is.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Text, Timestamp};
use diesel::sqlite::Sqlite;

use super::Presence;

/// Changes the row of somebody who is known at the door. Diesel prepares each of its own updates again, which takes
/// longer than the change.
pub(super) struct MovedPresence<'a>(pub &'a Presence);

impl QueryId for MovedPresence<'_> {
    type QueryId = MovedPresence<'static>;
    // Its words never change, so it is prepared once.
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Sqlite> for MovedPresence<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let Presence { session_id, registration_id, inside, since } = self.0;
        out.push_sql("UPDATE presences SET inside = ");
        out.push_bind_param::<Bool, _>(inside)?;
        out.push_sql(", since = ");
        out.push_bind_param::<Timestamp, _>(since)?;
        out.push_sql(" WHERE session_id = ");
        out.push_bind_param::<Text, _>(session_id)?;
        out.push_sql(" AND registration_id = ");
        out.push_bind_param::<Text, _>(registration_id)
    }
}

impl RunQueryDsl<SqliteConnection> for MovedPresence<'_> {}
