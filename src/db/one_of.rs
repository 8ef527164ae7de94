//! A list of texts as one bound value, so that a statement is the same whatever the list's length and is prepared once.

use diesel::expression::{AppearsOnTable, SelectableExpression, ValidGrouping};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, Bool, Text};
use diesel::sqlite::Sqlite;

/// See [`one_of`].
#[derive(Clone, Debug, QueryId)]
pub struct OneOf<C> {
    column: C,
    texts: Vec<String>,
    /// The same as JSON, which SQLite reads as a table.
    json: String,
}

/// `column` is one of these texts. For the busiest reads: `eq_any` on SQLite writes a statement of its own for every
/// number of values, and preparing it costs more than running it.
pub fn one_of<C>(column: C, texts: impl IntoIterator<Item = impl AsRef<str>>) -> OneOf<C> {
    let texts: Vec<String> = texts.into_iter().map(|text| text.as_ref().to_owned()).collect();
    let json = serde_json::Value::from(texts.clone()).to_string();
    OneOf { column, texts, json }
}

impl<C> Expression for OneOf<C> {
    type SqlType = Bool;
}

impl<C, G> ValidGrouping<G> for OneOf<C>
where
    C: ValidGrouping<G>,
{
    type IsAggregate = C::IsAggregate;
}

impl<C, S> AppearsOnTable<S> for OneOf<C> where C: AppearsOnTable<S> {}

impl<C, S> SelectableExpression<S> for OneOf<C> where C: SelectableExpression<S> {}

impl<C: QueryFragment<Pg>> QueryFragment<Pg> for OneOf<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" = ANY(");
        out.push_bind_param::<Array<Text>, _>(&self.texts)?;
        out.push_sql(")");
        Ok(())
    }
}

impl<C: QueryFragment<Sqlite>> QueryFragment<Sqlite> for OneOf<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (SELECT value FROM json_each(");
        out.push_bind_param::<Text, _>(&self.json)?;
        out.push_sql("))");
        Ok(())
    }
}
