import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigError } from '../connector/index.ts';
import { terminalText } from '../text/terminal.ts';
import type { CommandContext } from './context.ts';
import { packaged } from './packaged.ts';
import { writeResult } from './write-result.ts';

const POLICY = `{
  "$schema": "./policy.schema.json",
  "formatVersion": 1,
  // What is approved. An approval is bound to the ids of apps: \`noctule show <finding>\` prints the entry to paste.
  "approvals": [],
  // What is denied, and what to use instead.
  "denials": [],
  // Findings that are accepted until a day.
  "exceptions": []
}
`;

/** Writes a configuration and an empty policy to start from, and beside them the schemas by which an editor explains every key. */
export async function initCommand(context: CommandContext, options: { config: string; force?: boolean }): Promise<number> {
  const config = resolve(context.directory, options.config);
  const folder = dirname(config);
  const policy = join(folder, 'policy.json');
  for (const file of [config, policy]) {
    if (existsSync(file) && !options.force)
      throw new ConfigError(`${file} is already there`, { fix: 'Give --force to overwrite it, or another path with --config.' });
  }
  writeResult(config, packaged('config.example.json'));
  writeResult(policy, POLICY);
  const schemas = SCHEMAS.map((name) => join(folder, name));
  // In the checkout they are already there, and are the same.
  for (const [index, file] of schemas.entries()) if (!existsSync(file) || options.force) writeResult(file, packaged(SCHEMAS[index]!));
  context.out([config, policy, ...schemas].map((file) => `${terminalText(file, 400)}\n`).join(''));
  context.err('Remove the sources that you do not have, set the variables that the others name, then run `noctule scan --plan`.\n');
  return 0;
}

const SCHEMAS = ['config.schema.json', 'policy.schema.json'] as const;
