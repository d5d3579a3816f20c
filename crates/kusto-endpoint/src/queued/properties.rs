//! The properties of a request, as JSON: typed, and without what is not set.

use kusto_ingest_core::{Error, ErrorKind, IngestionMapping, IngestionProperties, Result, ValidationPolicy};
use serde_json::{Map, Value};

use super::{QueuedRequest, Tracking};

/// The properties of a request.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when one of the caller's further properties is one that is set already.
pub(super) fn written(request: &QueuedRequest) -> Result<Map<String, Value>> {
    let properties = &request.properties;
    let deletes = request.blobs.first().is_some_and(|blob| !blob.is_retained());
    let flag = |set: bool| set.then_some(Value::Bool(true));
    let texts = |texts: Vec<String>| (!texts.is_empty()).then(|| Value::from(texts));
    let mapping = properties.mapping.as_ref();
    let typed = [
        ("format", Some(request.format.wire_name().into())),
        ("enableTracking", Some((request.tracking == Tracking::On).into())),
        ("tags", texts(properties.tags())),
        (
            "ingestIfNotExists",
            texts(properties.ingest_if_not_exists.clone()),
        ),
        ("skipBatching", flag(properties.flush_immediately)),
        ("deleteAfterDownload", flag(deletes)),
        (
            "ingestionMappingReference",
            mapping.and_then(name_of).map(Value::from),
        ),
        (
            "ingestionMapping",
            mapping.and_then(IngestionMapping::to_json).map(Value::from),
        ),
        (
            "validationPolicy",
            properties
                .validation_policy
                .map(|policy| ValidationPolicy::to_json(policy).into()),
        ),
        ("ignoreSizeLimit", flag(properties.ignore_size_limit)),
        (
            "ignoreFirstRecord",
            properties.ignore_first_record.map(Value::Bool),
        ),
        (
            "creationTime",
            properties.creation_time.map(|at| at.to_string().into()),
        ),
        ("zipPattern", properties.zip_pattern.clone().map(Value::from)),
        ("extend_schema", properties.extend_schema.map(Value::Bool)),
        ("recreate_schema", properties.recreate_schema.map(Value::Bool)),
    ];
    let mut written = Map::new();
    for (name, value) in typed {
        if let Some(value) = value {
            written.insert(name.to_owned(), value);
        }
    }
    for (name, value) in &properties.additional_properties {
        if written.keys().any(|known| known.eq_ignore_ascii_case(name)) {
            return Err(refused(properties, name));
        }
        written.insert(name.clone(), value.as_str().into());
    }
    Ok(written)
}

fn name_of(mapping: &IngestionMapping) -> Option<&str> {
    match mapping {
        IngestionMapping::Reference { name, .. } => Some(name),
        _ => None,
    }
}

fn refused(properties: &IngestionProperties, name: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, "check the ingestion properties")
        .with("database", &properties.database)
        .with("table", &properties.table)
        .because(format!("property {name:?} is set twice"))
}
