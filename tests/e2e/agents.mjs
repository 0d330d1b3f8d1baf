// The official JavaScript client drives every tool of `borealis mcp` over stdio and over HTTP; it validates each answer against its output schema.
//
//     BOREALIS_NODE_MODULES=…/node_modules node agents.mjs BOREALIS DATA-FOLDER SCHEMA-PREFIX

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { once } from "node:events";
import path from "node:path";

const [binary, folder] = process.argv.slice(2);
const modules = process.env.BOREALIS_NODE_MODULES;
const require = createRequire(path.join(modules, "of-the-tests.js"));
const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } = require("@modelcontextprotocol/sdk/client/stdio.js");
const { StreamableHTTPClientTransport } = require("@modelcontextprotocol/sdk/client/streamableHttp.js");

const everything = ["--allow-writes", "--cluster-api", "--load-from", path.join(folder, "files")];
const TOKEN = "e2e-token-0123456789abcdef";

async function good(client, name, args = {}) {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(!result.isError, JSON.stringify(result.content));
  return result.structuredContent;
}

async function everyTool(client, schema) {
  const listed = (await client.listTools()).tools;
  const called = new Set();
  const call = async (name, args) => {
    called.add(name);
    return good(client, name, args);
  };
  await call("transact", { sql_list: [`CREATE SCHEMA ${schema}`] });
  await call("transact", { sql_list: [`CREATE TABLE ${schema}.t (id int PRIMARY KEY, a text)`] });
  await call("transact", { sql_list: [`INSERT INTO ${schema}.t VALUES ($1, $2)`], params_list: [[1, "one"]] });
  assert.deepEqual((await call("readonly_query", { sql: `SELECT * FROM ${schema}.t` })).result, [{ id: 1, a: "one" }]);
  const job = (await call("transact", { sql_list: [`CREATE INDEX ASYNC ON ${schema}.t (a)`] })).result[0].job_id;
  assert.equal((await call("wait_for_job", { job_id: job })).succeeded, true);
  assert.ok((await call("list_jobs")).jobs.length > 0);
  assert.ok((await call("list_schemas")).schemas.some((one) => one.schema === schema));
  assert.equal((await call("list_tables", { schema })).tables[0].table, "t");
  assert.deepEqual((await call("get_schema", { table_name: `${schema}.t` })).primary_key, ["id"]);
  assert.equal((await call("describe_table", { table_name: `${schema}.t` })).indexes.length, 2);
  assert.ok((await call("explain_query", { sql: `SELECT * FROM ${schema}.t` })).dpu.total > 0);
  const hit = (await call("dsql_search_documentation", { search_phrase: "conflict" })).results[0];
  assert.ok((await call("dsql_read_documentation", { url: hit.url })).content.length > 0);
  assert.ok((await call("dsql_recommend", { url: "40001" })).recommendations.length > 0);
  const { clusters } = await call("list_clusters");
  assert.equal((await call("cluster_info", { cluster: clusters[0].identifier })).arn, clusters[0].arn);
  assert.equal((await call("load_data", { file: "node.csv", table: `${schema}.t` })).inserted, 1);
  const wished = `CREATE TABLE ${schema}.t (id int PRIMARY KEY, a text, b int)`;
  const { plans, plan_token } = await call("plan_migration", { schema: wished });
  assert.equal(plans[0].way, "direct");
  assert.equal((await call("apply_migration", { plan_token })).runs.length, 1);
  assert.equal((await call("dsql_lint", { sql: "CREATE INDEX i ON t (a)" })).summary.errors, 1);
  assert.deepEqual([...called].sort(), listed.map((tool) => tool.name).sort());

  const refused = await client.callTool({ name: "transact", arguments: { sql_list: [`DROP TABLE ${schema}.t`] } });
  assert.ok(refused.isError);
  const confirmation_token = refused.structuredContent.error.confirmation.token;
  await good(client, "transact", { sql_list: [`DROP TABLE ${schema}.t`], confirmation_token });
  const gone = await client.callTool({ name: "readonly_query", arguments: { sql: `SELECT * FROM ${schema}.t` } });
  assert.equal(gone.structuredContent.error.sqlstate, "42P01");
  assert.ok((await client.listPrompts()).prompts.length > 0);
  assert.ok((await client.listResourceTemplates()).resourceTemplates.length > 0);

  // A cancelled call cancels its statement on the server: it does not sleep on there.
  const controller = new AbortController();
  const sleeping = client.callTool({ name: "readonly_query", arguments: { sql: "SELECT pg_sleep(60)" } }, undefined, { signal: controller.signal });
  controller.abort();
  await assert.rejects(sleeping);
  await good(client, "readonly_query", { sql: "SELECT 1" });
}

async function overStdio() {
  const client = new Client({ name: "e2e", version: "1" });
  await client.connect(new StdioClientTransport({ command: binary, args: ["mcp", "--data", folder, ...everything], env: process.env }));
  await everyTool(client, "by_node_stdio");
  await client.close();
}

async function overHttp() {
  const args = ["mcp", "--data", folder, ...everything, "--http", "127.0.0.1:0", "--allow-plaintext"];
  const server = spawn(binary, args, { env: { ...process.env, BOREALIS_MCP_TOKEN: TOKEN }, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = await once(server.stdout, "data");
    const url = new URL(String(line).match(/mcp=(\S+)/)[1]);
    const client = new Client({ name: "e2e", version: "1" });
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers: { Authorization: `Bearer ${TOKEN}` } } }));
    await everyTool(client, "by_node_http");
    await client.close();
  } finally {
    server.kill();
  }
}

/// The inspector's command line speaks for whoever looks at a server by hand. Each call of it is a client of its own, with a session of its own.
function inspected(server, schema) {
  const inspector = path.join(modules, ".bin", "mcp-inspector");
  const run = (...more) => {
    const done = spawnSync(inspector, ["--cli", ...server, ...more], { encoding: "utf8" });
    assert.ok(done.stdout, done.stderr);
    return JSON.parse(done.stdout);
  };
  const called = new Set();
  const ask = (name, args = {}) => {
    called.add(name);
    const given = Object.entries(args).flatMap(([key, value]) => ["--tool-arg", `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`]);
    return run("--method", "tools/call", "--tool-name", name, ...given);
  };
  const call = (name, args) => {
    const answer = ask(name, args);
    assert.ok(!answer.isError, JSON.stringify(answer));
    return answer.structuredContent;
  };
  call("transact", { sql_list: [`CREATE SCHEMA ${schema}`] });
  call("transact", { sql_list: [`CREATE TABLE ${schema}.t (id int PRIMARY KEY, a text)`] });
  assert.equal(call("load_data", { file: "node.csv", table: `${schema}.t` }).inserted, 1);
  assert.deepEqual(call("readonly_query", { sql: `SELECT * FROM ${schema}.t` }).result, [{ id: 2, a: "two" }]);
  const job = call("transact", { sql_list: [`CREATE INDEX ASYNC ON ${schema}.t (a)`] }).result[0].job_id;
  assert.equal(call("wait_for_job", { job_id: job }).succeeded, true);
  assert.ok(call("list_jobs").jobs.length > 0);
  assert.ok(call("list_schemas").schemas.some((one) => one.schema === schema));
  assert.ok(call("list_tables", { schema }).tables.some((one) => one.table === "t"));
  assert.deepEqual(call("get_schema", { table_name: `${schema}.t` }).primary_key, ["id"]);
  assert.equal(call("describe_table", { table_name: `${schema}.t` }).indexes.length, 2);
  assert.ok(call("explain_query", { sql: `SELECT * FROM ${schema}.t` }).dpu.total > 0);
  const [hit] = call("dsql_search_documentation", { search_phrase: "conflict" }).results;
  assert.ok(call("dsql_read_documentation", { url: hit.url }).content.length > 0);
  assert.ok(call("dsql_recommend", { url: "OC000" }).recommendations.length > 0);
  assert.equal(call("dsql_lint", { sql: "CREATE INDEX i ON t (a)" }).summary.errors, 1);
  const [cluster] = call("list_clusters").clusters;
  assert.equal(call("cluster_info", { cluster: cluster.identifier }).arn, cluster.arn);
  const { plan_token } = call("plan_migration", { schema: `CREATE TABLE ${schema}.t (id int PRIMARY KEY, a text, b int)` });
  const another = ask("apply_migration", { plan_token });
  assert.ok(another.isError && /call plan_migration again/.test(another.content[0].text), "a plan is for the session that was shown it");
  const listed = run("--method", "tools/list").tools.map((tool) => tool.name);
  assert.deepEqual([...called].sort(), listed.sort());
}

async function inspectedOverHttp() {
  const args = ["mcp", "--data", folder, ...everything, "--http", "127.0.0.1:0", "--allow-plaintext"];
  const server = spawn(binary, args, { env: { ...process.env, BOREALIS_MCP_TOKEN: TOKEN }, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = await once(server.stdout, "data");
    const url = String(line).match(/mcp=(\S+)/)[1];
    inspected([url, "--transport", "http", "--header", `Authorization: Bearer ${TOKEN}`], "by_inspector_http");
  } finally {
    server.kill();
  }
}

await overStdio();
await overHttp();
inspected([binary, "mcp", "--data", folder, ...everything], "by_inspector_stdio");
await inspectedOverHttp();
console.log("    stdio, HTTP and the inspector: done");
