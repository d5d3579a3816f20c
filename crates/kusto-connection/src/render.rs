//! From a [`ConnectionString`] back to its text: masked by `Display`, in full by `expose`.

use std::fmt::{self, Write};

use crate::connection::Value;
use crate::secret::MASK;
use crate::{ConnectionString, Keyword, data_source};

impl ConnectionString {
    /// The whole text, secrets included. Parsing it gives an equal connection string.
    ///
    /// What was chosen in code and has no keyword (managed identity, custom endpoints, …) is not in it.
    ///
    /// ```
    /// use kusto_connection::ConnectionString;
    ///
    /// let text = "help.kusto.windows.net/Samples; tid=contoso.com; AppClientId=a; AppKey='x;y'";
    /// let connection = ConnectionString::parse(text)?;
    /// assert_eq!(
    ///     connection.expose(),
    ///     "Data Source=https://help.kusto.windows.net;Initial Catalog=Samples;\
    ///      Application Client Id=a;Application Key=\"x;y\";Authority Id=contoso.com",
    /// );
    /// assert_eq!(ConnectionString::parse(&connection.expose())?, connection);
    /// # Ok::<(), kusto_connection::Error>(())
    /// ```
    #[must_use]
    pub fn expose(&self) -> String {
        // In one piece, so that no smaller copy of a secret is left behind while the text grows.
        let mut text = String::with_capacity(self.rendered_length());
        // A string takes whatever it is given.
        let _ = self.render(&mut text, Secrets::Shown);
        text
    }

    pub(crate) fn rendered_length(&self) -> usize {
        let mut length = Length(0);
        let _ = self.render(&mut length, Secrets::Shown);
        length.0
    }

    fn render(&self, out: &mut impl Write, secrets: Secrets) -> fmt::Result {
        write!(out, "{}=", Keyword::DataSource)?;
        quote(out, data_source::written(self.data_source()))?;
        for (keyword, value) in &self.values {
            write!(out, ";{keyword}=")?;
            match (value, secrets) {
                (Value::Text(text), _) => quote(out, text)?,
                (Value::Secret(secret), Secrets::Shown) => quote(out, secret.expose())?,
                (Value::Secret(_), Secrets::Masked) => out.write_str(MASK)?,
                (Value::Flag(true), _) => out.write_str("True")?,
                (Value::Flag(false), _) => out.write_str("False")?,
            }
        }
        Ok(())
    }
}

/// The text with `****` in the place of every secret, so that it can be shown and logged.
impl fmt::Display for ConnectionString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.render(f, Secrets::Masked)
    }
}

impl fmt::Debug for ConnectionString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ConnectionString");
        shown.field("text", &format_args!("{self}"));
        if let Some(chosen) = &self.chosen {
            shown.field("auth", chosen);
        }
        shown.finish_non_exhaustive()
    }
}

#[derive(Clone, Copy)]
enum Secrets {
    Shown,
    Masked,
}

struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// Writes a value, between double quotes where it could be misread otherwise.
fn quote(out: &mut impl Write, value: &str) -> fmt::Result {
    if value == value.trim() && !value.contains([';', '"', '\'']) {
        return out.write_str(value);
    }
    out.write_char('"')?;
    for (position, part) in value.split('"').enumerate() {
        if position > 0 {
            out.write_str("\"\"")?;
        }
        out.write_str(part)?;
    }
    out.write_char('"')
}
