import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '../connector/index.ts';
import { terminalText } from '../text/terminal.ts';
import type { CommandContext } from './context.ts';

const POLICY = `{
  "formatVersion": 1,
  // What is approved. An approval is bound to the ids of apps: \`noctule show <finding>\` prints the entry to paste.
  "approvals": [],
  // What is denied, and what to use instead.
  "denials": [],
  // Findings that are accepted until a day.
  "exceptions": []
}
`;

/** Writes a configuration and an empty policy to start from. */
export async function initCommand(context: CommandContext, options: { config: string; force?: boolean }): Promise<number> {
  const config = resolve(context.directory, options.config);
  const policy = resolve(config, '..', 'policy.json');
  for (const file of [config, policy]) {
    if (existsSync(file) && !options.force)
      throw new ConfigError(`${file} is already there`, { fix: 'Give --force to overwrite it, or another path with --config.' });
  }
  writeFileSync(config, readFileSync(exampleFile(), 'utf8'), { mode: 0o600 });
  writeFileSync(policy, POLICY, { mode: 0o600 });
  context.out(`${terminalText(config, 400)}\n${terminalText(policy, 400)}\n`);
  context.err('Remove the sources that you do not have, set the variables that the others name, then run `noctule scan --plan`.\n');
  return 0;
}

function exampleFile(): URL {
  const near = new URL('../../config.example.json', import.meta.url);
  return existsSync(near) ? near : new URL('../../../config.example.json', import.meta.url);
}
