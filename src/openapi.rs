//! The OpenAPI document, made from the handlers.
