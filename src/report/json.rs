//! `--json`: NDJSON, one record a line, absent fields left out. The words are those of the verdict; nothing is
//! phrased here. `schema.json` beside this file describes every record.

mod brief;
mod client;
mod crew;
mod harmless;
mod parts;
mod record;
mod records;
mod session;
mod tls;

use std::io::{self, Write};

use serde::Serialize;

use self::harmless::Harmless;
use self::records::{Attempt, HintRecord, InputRecord, Summary};
use self::session::{Detail, Sessions};
use super::format::{CaseWriter, Format, Run, Streaming, Style};
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::Input;

/// The version of what is printed: fields may be added within it, never renamed or changed in meaning.
pub const SCHEMA: &str = "rdpwhy/1";

/// A JSON Schema (draft 2020-12) of all records.
pub const JSON_SCHEMA: &str = include_str!("schema.json");

/// NDJSON.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

impl Format for Json {
    fn write(&self, run: &Run<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
        write_inputs(run.inputs, out)?;
        crew::write(run.cases, run.inputs, Detail::Whole, out)?;
        write_tail(run, out)
    }
}

impl Streaming for Json {
    fn write_cases(&self, cases: &[Case], inputs: &[Input], _: &Style, out: &mut dyn Write) -> io::Result<()> {
        crew::write(cases, inputs, Detail::Whole, out)
    }

    fn writer(&self) -> Box<dyn CaseWriter + Send + '_> {
        Box::new(Sessions::new(Detail::Whole))
    }

    /// Inputs come last here: only at the end it is known what they held.
    fn finish(&self, run: &Run<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
        write_inputs(run.inputs, out)?;
        write_tail(run, out)
    }
}

/// NDJSON for scripts over many sessions: a short record each, and no attempts.
#[derive(Clone, Copy, Debug, Default)]
pub struct BriefJson;

impl Format for BriefJson {
    fn write(&self, run: &Run<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        write_inputs(run.inputs, out)?;
        self.write_cases(run.cases, run.inputs, style, out)?;
        write_end(run, out)
    }
}

impl Streaming for BriefJson {
    fn write_cases(&self, cases: &[Case], inputs: &[Input], _: &Style, out: &mut dyn Write) -> io::Result<()> {
        crew::write(cases, inputs, Detail::Brief, out)
    }

    fn writer(&self) -> Box<dyn CaseWriter + Send + '_> {
        Box::new(Sessions::new(Detail::Brief))
    }

    fn finish(&self, run: &Run<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
        write_inputs(run.inputs, out)?;
        write_end(run, out)
    }
}

fn write_inputs(inputs: &[Input], out: &mut dyn Write) -> io::Result<()> {
    let mut buffer = Vec::new();
    inputs.iter().try_for_each(|input| line(&InputRecord::of(input), &mut buffer, out))
}

fn write_hints(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut buffer = Vec::new();
    run.elsewhere.hints.iter().try_for_each(|hint| line(&HintRecord::of(hint), &mut buffer, out))
}

fn write_end(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_hints(run, out)?;
    line(&Summary::of(run), &mut Vec::new(), out)
}

fn write_tail(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_hints(run, out)?;
    write_attempts(run.cases, 1, out)?;
    line(&Summary::of(run), &mut Vec::new(), out)
}

/// Writes the attempts in `cases` of at least so many sessions.
fn write_attempts(cases: &[Case], least: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut buffer = Vec::new();
    // A scan is no try of a user. The order within an attempt is that of the cases.
    let mut cases: Vec<&Case> = cases.iter().filter(|case| case.verdict.outcome != Outcome::Scan).collect();
    cases.sort_by_key(|case| case.attempt);
    let attempts = cases.chunk_by(|one, other| one.attempt == other.attempt);
    for attempt in attempts.filter(|attempt| attempt.len() >= least) {
        line(&Attempt::of(attempt[0].attempt, attempt), &mut buffer, out)?;
    }
    Ok(())
}

fn line(record: &impl Serialize, buffer: &mut Vec<u8>, out: &mut dyn Write) -> io::Result<()> {
    buffer.clear();
    serde_json::to_writer(&mut *buffer, record)?;
    buffer.push(b'\n');
    Harmless(out).write_all(buffer)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::report::sample;

    fn records(cases: &[Case]) -> Vec<Value> {
        let scene = sample::Scene::new(cases.to_vec());
        let mut out = Vec::new();
        Json.write(&scene.run(), &Style::default(), &mut out).expect("a Vec takes everything");
        let text = String::from_utf8(out).expect("JSON is UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("one record a line")).collect()
    }

    /// The manual promises so; a name alone does not tell seconds from milliseconds, or whose frame it is.
    #[test]
    fn the_schema_describes_every_field() {
        fn look(schema: &Value, path: &str, silent: &mut Vec<String>) {
            let Some(object) = schema.as_object() else { return };
            for (name, field) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
                let says = ["description", "$ref", "const"].iter().any(|key| field.get(key).is_some());
                if !says && !field.is_boolean() {
                    silent.push(format!("{path}.{name}"));
                }
                look(field, &format!("{path}.{name}"), silent);
            }
            object.get("items").into_iter().for_each(|items| look(items, path, silent));
        }
        let schema: Value = serde_json::from_str(JSON_SCHEMA).expect("the schema is JSON");
        let mut silent = Vec::new();
        for (name, record) in schema["$defs"].as_object().expect("records") {
            look(record, name, &mut silent);
        }
        assert!(silent.is_empty(), "{silent:#?}");
    }

    #[test]
    fn every_record_fits_the_schema() {
        let schema: Value = serde_json::from_str(JSON_SCHEMA).expect("the schema is JSON");
        let validator = jsonschema::validator_for(&schema).expect("the schema is one");
        for record in records(&sample::all()) {
            let faults: Vec<String> =
                validator.iter_errors(&record).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(faults.is_empty(), "{faults:#?}\n{record:#}");
            assert!(!record.to_string().contains("null"), "{record}");
        }
    }

    #[test]
    fn the_brief_form_fits_the_schema_and_says_what_the_long_one_says() {
        let schema: Value = serde_json::from_str(JSON_SCHEMA).expect("the schema is JSON");
        let validator = jsonschema::validator_for(&schema).expect("the schema is one");
        let scene = sample::Scene::new(sample::all());
        let mut out = Vec::new();
        BriefJson.write(&scene.run(), &Style::default(), &mut out).expect("a Vec takes everything");
        let text = String::from_utf8(out).expect("JSON is UTF-8");
        let briefs: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
        let of_type = |records: &[Value], kind: &str| -> Vec<Value> {
            records.iter().filter(|record| record["type"] == kind).cloned().collect()
        };
        for record in &briefs {
            assert!(validator.is_valid(record), "{record:#}");
        }
        let (short, long) = (of_type(&briefs, "brief"), of_type(&records(&sample::all()), "session"));
        assert_eq!(short.len(), long.len());
        for (short, long) in short.iter().zip(&long) {
            for (name, value) in short.as_object().expect("an object") {
                match name.as_str() {
                    "type" => {}
                    "alert" => assert_eq!(value["code"], long["tls"]["alerts"][0]["code"]),
                    "certificate_state" => assert_eq!(value == "expired", long["certificate"]["expired"] == true),
                    _ => assert_eq!(value, &long[name], "{name}"),
                }
            }
        }
        assert!(short.iter().any(|record| record["certificate_state"] == "expired" && record["alert"]["code"] == 45));
    }

    #[test]
    fn the_schema_refuses_what_it_should() {
        let schema: Value = serde_json::from_str(JSON_SCHEMA).expect("the schema is JSON");
        let validator = jsonschema::validator_for(&schema).expect("the schema is one");
        let mut record = records(&[sample::expired()]).swap_remove(1);
        assert!(validator.is_valid(&record));
        record["outcome"] = "perished".into();
        assert!(!validator.is_valid(&record));
    }

    #[test]
    fn an_expired_certificate() {
        insta::assert_json_snapshot!(records(&[sample::expired()]));
    }

    #[test]
    fn type_and_schema_come_first() {
        let scene = sample::Scene::new(sample::all());
        let mut out = Vec::new();
        Json.write(&scene.run(), &Style::default(), &mut out).expect("written");
        let text = String::from_utf8(out).expect("UTF-8");
        let kinds: Vec<&str> = text
            .lines()
            .map(|line| {
                line.strip_prefix("{\"type\":\"").and_then(|rest| rest.split_once("\",\"schema\":\"rdpwhy/1\","))
            })
            .map(|parts| parts.expect("begins alike").0)
            .collect();
        assert_eq!(kinds[0], "input");
        assert_eq!(kinds[1..11], ["session"; 10]);
        assert_eq!(kinds.last(), Some(&"summary"));
    }

    #[test]
    fn streaming_says_the_same() {
        let scene = sample::Scene::new(sample::all());
        let (mut whole, mut streamed) = (Vec::new(), Vec::new());
        Json.write(&scene.run(), &Style::default(), &mut whole).expect("written");
        for case in &scene.cases {
            Json.write_case(case, &scene.inputs, &Style::default(), &mut streamed).expect("written");
        }
        Json.finish(&scene.run(), &Style::default(), &mut streamed).expect("written");
        let sorted = |bytes: Vec<u8>| {
            let mut lines: Vec<String> = String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(whole), sorted(streamed));
    }
}
