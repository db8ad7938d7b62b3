//! Where the parts of a `jsonb` are in its stored form (`convertJsonbValue`), by which `.keyvalue()` of jsonpath numbers
//! objects.

use super::Json;

/// The offset of an array or object within the document that it is a part of, by identity.
pub(crate) fn offset_of(part: &Json, document: &Json) -> Option<usize> {
    let mut layout = Layout { part, found: None, length: 0 };
    layout.value(document);
    layout.found
}

struct Layout<'a> {
    part: &'a Json,
    found: Option<usize>,
    length: usize,
}

impl Layout<'_> {
    fn value(&mut self, json: &Json) {
        match json {
            Json::Null | Json::Bool(_) | Json::Datetime(_) => {}
            Json::String(text) => self.length += text.len(),
            Json::Number(number) => {
                self.align();
                self.length += number.stored_size();
            }
            Json::Array(items) => {
                self.container(json, items.len());
                items.iter().for_each(|item| self.value(item));
            }
            Json::Object(members) => {
                self.container(json, 2 * members.len());
                self.length += members.iter().map(|(key, _)| key.len()).sum::<usize>();
                members.iter().for_each(|(_, value)| self.value(value));
            }
        }
    }

    /// A head of four bytes, and as many for each entry.
    fn container(&mut self, json: &Json, entries: usize) {
        self.align();
        if std::ptr::eq(json, self.part) {
            self.found = Some(self.length);
        }
        self.length += 4 + 4 * entries;
    }

    fn align(&mut self) {
        self.length = self.length.next_multiple_of(4);
    }
}
