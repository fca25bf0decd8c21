use super::*;

#[test]
fn names_cannot_break_the_page() {
    assert_eq!(escape("<b a=\"'&'\">"), "&lt;b a=&quot;&#39;&amp;&#39;&quot;&gt;");
}
