//! The service itself, as every story meets it.

use crate::on_both;
use lanyard::staff::Role;

on_both! {
    async fn an_address_that_does_not_exist_is_a_page_that_says_so(app) {
        let visitor = app.visitor().await;
        let answer = visitor.get("/no-such-page").await.expect(404).says("Not found");
        assert!(answer.header("content-security-policy").is_some());
        let answer = app.api(Role::Registrar).await.get("/no-such-thing").await.expect(404);
        assert_eq!(answer.code(), "not_found");
    }
}
