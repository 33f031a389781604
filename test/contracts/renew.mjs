#!/usr/bin/env node
// Writes the descriptions anew: `node test/contracts/renew.mjs [--check] [--github FILE] [--graphql FOLDER]`. README.md says when, and what FILE is.
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeAws } from './derive/aws.mjs';
import { describeGithub } from './derive/github.mjs';
import { describeQueries } from './derive/graphql.mjs';
import { describeGoogle } from './derive/google.mjs';
import { packageFolder } from './derive/package-folder.mjs';
import { print } from './derive/print.mjs';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false }, github: { type: 'string' }, graphql: { type: 'string' } } });
const stale = [];

await renew('google', 'google-workspace', describeGoogle, packageFolder('googleapis'));
await renew('aws', 'aws', describeAws, packageFolder('@aws-sdk/client-iam'));
// GitHub's description is too large to be a dependency: without the file it stays as it is.
if (values.github)
  await renew('github', 'github', (operations) => describeGithub(operations, JSON.parse(readFileSync(values.github, 'utf8'))));
// The same of its schema: a folder with `graphql` and `@octokit/graphql-schema` below node_modules.
if (values.graphql) writeFileSync(new URL('github/graphql.json', import.meta.url), print(await describeQueries('github', values.graphql)));

if (stale.length > 0) {
  process.stderr.write(`${stale.join(', ')}: no longer what the installed packages say. Run: node test/contracts/renew.mjs\n`);
  process.exitCode = 1;
}

/** Only the operations that the connector declares are described, so that the files grow and shrink with it. */
async function renew(provider, connector, describe, licensed) {
  const { operations } = await import(new URL(`../../connectors/${connector}/operations.ts`, import.meta.url).href);
  const file = new URL(`${provider}/description.json`, import.meta.url);
  const text = print(await describe([...new Set(operations.map(({ id }) => id))]));
  if (values.check) {
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) stale.push(`${provider}/description.json`);
    return;
  }
  writeFileSync(file, text);
  if (licensed) copyFileSync(new URL('LICENSE', licensed), new URL(`${provider}/LICENSE`, import.meta.url));
}
