//! The columns that each command answers with, as they are documented.

use kusto_ingest_core::Result;

use crate::kusto::world::World;

const TABLE: &str = "TableName:string,Schema:string,DatabaseName:string,Folder:string,DocString:string";
const TABLES: &str = "TableName:string,DatabaseName:string,Folder:string,DocString:string";
const POLICY: &str =
    "PolicyName:string,EntityName:string,Policy:string,ChildEntities:string,EntityType:string";
const MAPPING: &str =
    "Name:string,Kind:string,Mapping:string,LastUpdatedOn:datetime,Database:string,Table:string";
const FUNCTION: &str = "Name:string,Parameters:string,Body:string,Folder:string,DocString:string";
const PRINCIPALS: &str = "Role:string,PrincipalType:string,PrincipalDisplayName:string,PrincipalObjectId:string,\
    PrincipalFQN:string,Notes:string";
const EXTENTS: &str = "ExtentId:guid,DatabaseName:string,TableName:string,MaxCreatedOn:datetime,OriginalSize:real,\
    ExtentSize:real,CompressedSize:real,IndexSize:real,Blocks:long,Segments:long,ExtentContainerId:string,\
    RowCount:long,MinCreatedOn:datetime,Tags:string,Kind:string,DeletedRowCount:long";
const DATABASES: &str = "DatabaseName:string,PersistentStorage:string,Version:string,IsCurrent:bool,\
    DatabaseAccessMode:string,PrettyName:string,DatabaseId:guid,InTransitionTo:string,SuspensionState:string";
const DATABASE: &str = "DatabaseName:string,PersistentStorage:string,Version:string,IsCurrent:bool,\
    DatabaseAccessMode:string,PrettyName:string,CurrentUserIsUnrestrictedViewer:bool,DatabaseId:guid,\
    InTransitionTo:string,SuspensionState:string";
const DETAILS: &str = "TableName:string,DatabaseName:string,Folder:string,DocString:string,TotalExtents:long,\
    TotalExtentSize:real,TotalOriginalSize:real,TotalRowCount:long,HotExtents:long,HotExtentSize:real,\
    HotOriginalSize:real,HotRowCount:long,AuthorizedPrincipals:string,RetentionPolicy:string,CachingPolicy:string,\
    ShardingPolicy:string,MergePolicy:string,StreamingIngestionPolicy:string,IngestionBatchingPolicy:string,\
    MinExtentsCreationTime:datetime,MaxExtentsCreationTime:datetime,RowOrderPolicy:string,TableId:string";
const SCHEMA: &str = "DatabaseName:string,TableName:string,ColumnName:string,ColumnType:string,IsDefaultTable:bool,\
    IsDefaultColumn:bool,PrettyName:string,Version:string,Folder:string,DocString:string";
const MOVED: &str = "OriginalExtentId:string,ResultExtentId:string,Details:string";
const TAGGED: &str = "OriginalExtentId:string,ResultExtentId:string,ResultExtentTags:string,Details:string";
const DROPPED: &str = "ExtentId:guid,TableName:string,CreatedOn:datetime";
const SCRIPT: &str = "OperationId:guid,CommandType:string,CommandText:string,Result:string,Reason:string";
const FAILURES: &str = "OperationId:guid,Database:string,Table:string,FailedOn:datetime,IngestionSourcePath:string,\
    Details:string,FailureKind:string,RootActivityId:guid,OperationKind:string,OriginatesFromUpdatePolicy:bool,\
    ErrorCode:string,Principal:string,User:string,IngestionProperties:string,NumberOfSources:long,ShouldRetry:bool";
const PRETTY: &str = "DatabaseName:string,PrettyName:string,Status:string";

/// Commands one after the other, and what each answers.
const ANSWERS: &[(&str, &str)] = &[
    (
        ".create table A (a:string, b:long) with (folder='f', docstring='d')",
        TABLE,
    ),
    (".create-merge table A (c:real)", TABLE),
    (".create table B based-on A", TABLE),
    (".create tables C (x:int), D (y:int)", TABLE),
    (".create-merge tables C (z:int), E (y:int)", TABLE),
    (".alter table E (y:int, z:string)", TABLE),
    (".alter-merge table E (w:string)", TABLE),
    (".alter table E docstring 'text'", TABLE),
    (".alter table E folder 'text'", TABLE),
    (".alter table E column-docstrings (y:'first', z:'second')", TABLE),
    (".alter-merge table E column-docstrings (w:'third')", TABLE),
    (".alter column E.y type=long", TABLE),
    (".rename column E.w to v", TABLE),
    (".rename columns u=E.v, x=E.y", TABLE),
    (".drop column E.u", TABLE),
    (".drop table E columns (z)", TABLE),
    (".rename table E to F", TABLES),
    (".rename tables G=F", TABLES),
    (".clear table G data", "Status:string"),
    (
        ".drop table G ifexists skip-seal",
        "TableName:string,DatabaseName:string",
    ),
    (
        ".drop tables (C, D, H) ifexists",
        "TableName:string,DatabaseName:string",
    ),
    (".show tables", TABLES),
    (".show tables (A, B)", TABLES),
    (".show table A details", DETAILS),
    (".show tables details", DETAILS),
    (".show tables (A) details", DETAILS),
    (".show table A extents", EXTENTS),
    (
        ".show tables (A, B) extents hot where tags has 'x' and tags !contains 'y'",
        EXTENTS,
    ),
    (".show database db extents", EXTENTS),
    (".show cluster extents", EXTENTS),
    (".show table A schema as json", TABLE),
    (".show table A schema as csl", TABLE),
    (".show table A cslschema", TABLE),
    (".show database schema", SCHEMA),
    (".show databases schema", SCHEMA),
    (".show database ['db'] schema details", SCHEMA),
    (".show databases (db) schema details", SCHEMA),
    (".show database db schema as json", "DatabaseSchema:string"),
    (
        ".show database db schema if_later_than 'v1.0' as json",
        "DatabaseSchema:string",
    ),
    (
        ".show databases (db) schema as json with (Tables=true)",
        "DatabaseSchema:string",
    ),
    (
        ".show database db schema as csl script",
        "DatabaseSchemaScript:string",
    ),
    (".show databases", DATABASES),
    (".show databases (db)", DATABASES),
    (".show cluster databases", DATABASES),
    (".show databases details", DATABASE),
    (".show database", DATABASE),
    (".show database db details", DATABASE),
    (
        ".show databases entities",
        "DatabaseName:string,EntityType:string,EntityName:string,DocString:string,Folder:string,CslInputSchema:string,\
         Content:string,CslOutputSchema:string,Properties:dynamic",
    ),
    (".alter database db prettyname 'The database'", PRETTY),
    (".drop database db prettyname", PRETTY),
    (
        ".create database Other",
        "DatabaseName:string,PersistentPath:string,Created:bool,StoresMetadata:bool,StoresData:bool",
    ),
    (
        ".drop database Other ifexists",
        "DatabaseName:string,Status:string",
    ),
    (
        ".create table A ingestion csv mapping 'm' '[{\"column\":\"a\",\"ordinal\":0}]'",
        MAPPING,
    ),
    (
        ".create-or-alter database db ingestion csv mapping 'm' '[{\"column\":\"a\",\"ordinal\":0}]'",
        MAPPING,
    ),
    (
        ".alter table A ingestion csv mapping 'm' '[{\"column\":\"a\",\"ordinal\":1}]'",
        MAPPING,
    ),
    (".show table A ingestion mappings", MAPPING),
    (".show table A ingestion csv mappings", MAPPING),
    (".show table A ingestion csv mapping 'm'", MAPPING),
    (".show database db ingestion csv mapping \"m\"", MAPPING),
    (".drop table A ingestion csv mapping 'm'", MAPPING),
    (
        ".alter table A policy retention '{\"SoftDeletePeriod\":\"10.00:00:00\"}'",
        POLICY,
    ),
    (
        ".alter-merge table A policy retention softdelete = 7d recoverability = disabled",
        POLICY,
    ),
    (".alter database db policy streamingingestion enable", POLICY),
    (".alter tables (A, B) policy ingestiontime true", POLICY),
    (".show table A policy retention", POLICY),
    (".show database db policy retention", POLICY),
    (".delete table A policy retention", POLICY),
    (".create function F() { A | count }", FUNCTION),
    (
        ".create-or-alter function with (folder='f') F(n:long) { A | take n }",
        FUNCTION,
    ),
    (".alter function F(n:long) { A | take n }", FUNCTION),
    (".alter function F docstring 'text'", FUNCTION),
    (".show function F", FUNCTION),
    (".show functions", FUNCTION),
    (".drop function F", FUNCTION),
    (".show database db principals", PRINCIPALS),
    (".add table A ingestors ('aadapp=x;y') 'why'", PRINCIPALS),
    (".set database db viewers none", PRINCIPALS),
    (".drop table A ingestors ('aadapp=x;y')", PRINCIPALS),
    (
        ".show principal access with (principal='aadapp=x;y', accesstype='ingest', database='db', table='A')",
        "Principal:string,AccessType:string,IsAllowed:bool",
    ),
    (
        ".show operations",
        "OperationId:guid,Operation:string,NodeId:string,StartedOn:datetime,LastUpdatedOn:datetime,Duration:timespan,\
         State:string,Status:string,RootActivityId:guid,ShouldRetry:bool,Database:string",
    ),
    (".show ingestion failures", FAILURES),
    (
        ".show ingestion failures with (OperationId=74be27de-1e4e-49d9-b579-fe0b331d3642)",
        FAILURES,
    ),
    (
        ".show version",
        "BuildVersion:string,BuildTime:datetime,ServiceType:string,ProductVersion:string,ServiceOffering:string",
    ),
    (
        ".show cluster",
        "NodeId:string,Address:string,Name:string,StartTime:datetime,IsAdmin:bool,MachineTotalMemory:long,\
         MachineAvailableMemory:long,ProcessorCount:int,EnvironmentDescription:string",
    ),
    (
        ".show capacity",
        "Resource:string,Total:long,Consumed:long,Remaining:long,Origin:string",
    ),
    (
        ".show capacity ingestions",
        "Resource:string,Total:long,Consumed:long,Remaining:long,Origin:string",
    ),
    (".show export containers", "StorageRoot:string"),
    (".create tempstorage", "StorageRoot:string"),
    (
        ".refresh database 'db' table 'A' cache ingestionbatchingpolicy",
        "NodeId:string,Status:string",
    ),
    (
        ".clear database cache streamingingestion schema",
        "NodeId:string,Status:string",
    ),
    (
        ".clear table A cache streamingingestion schema",
        "NodeId:string,Status:string",
    ),
    (".move extents all from table A to table B", MOVED),
    (".alter-merge table B extent tags ('drop-by:x')", TAGGED),
    (
        ".drop table B extent tags ('drop-by:x') with (extentCreatedOnFrom='2020-01-01', extentCreatedOnTo='2030-01-01')",
        TAGGED,
    ),
    (".drop extents from B", DROPPED),
    (".drop extents older 7 days from all tables", DROPPED),
    (".drop extents <| .show table B extents", DROPPED),
    (
        ".replace extents in table B <| { .show table B extents }, { .show table A extents }",
        MOVED,
    ),
    (".execute database script <| .show version", SCRIPT),
];

#[test]
fn each_command_answers_with_its_documented_columns() -> Result<()> {
    let world = World::new("a:string");
    for (command, columns) in ANSWERS {
        let answer = world
            .run(command)
            .unwrap_or_else(|error| panic!("{command}: {}", error.chain()));
        let told: Vec<String> = answer
            .columns
            .iter()
            .map(|column| format!("{}:{}", column.name, column.kusto_type))
            .collect();
        assert_eq!(told.join(","), *columns, "{command}");
    }
    Ok(())
}
