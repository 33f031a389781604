import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { emptyPolicyText } from '../config/policy-file.ts';
import { ConfigError } from '../connector/index.ts';
import { terminalText } from '../text/terminal.ts';
import type { CommandContext } from './context.ts';
import { packaged } from './packaged.ts';
import { writeResult } from './write-result.ts';

/**
 * Writes a configuration and an empty policy to start from, and beside them the schemas by which an editor explains every key.
 * A policy that is there already is kept, also with `--force`: it may hold decisions, and an empty one can be written by hand.
 */
export async function initCommand(context: CommandContext, options: { config: string; force?: boolean }): Promise<number> {
  const config = resolve(context.directory, options.config);
  const folder = dirname(config);
  const policy = join(folder, 'policy.json');
  if (existsSync(config) && !options.force)
    throw new ConfigError(`${config} is already there`, { fix: 'Give --force to overwrite it, or another path with --config.' });
  const files = [
    { file: config, text: packaged('config.example.json'), force: options.force },
    { file: policy, text: emptyPolicyText(), force: false },
    ...SCHEMAS.map((name) => ({ file: join(folder, name), text: packaged(name), force: options.force })),
  ];
  for (const { file, text, force } of files) {
    const kept = existsSync(file) && !force;
    if (!kept) writeResult(file, text);
    if (kept) context.err(`Kept as it is: ${terminalText(file, 400)}\n`);
    else context.out(`${terminalText(file, 400)}\n`);
  }
  context.err('Remove the sources that you do not have, set the variables that the others name, then run `noctule scan --plan`.\n');
  return 0;
}

const SCHEMAS = ['config.schema.json', 'policy.schema.json', 'catalog.schema.json'] as const;
