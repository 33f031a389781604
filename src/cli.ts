import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { complaintText, VERSION, type CommandContext, type CommonOptions } from './commands/context.ts';
import type { DiffOptions } from './commands/diff.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import type { FindingsOptions } from './commands/findings.ts';
import type { QueryOptions } from './commands/query.ts';
import type { ScanCommandOptions } from './commands/scan.ts';

// The only file that touches the process. Commands are imported when they run: help must not pay for an SDK.

const FORMATS = ['table', 'json', 'ndjson', 'csv'];
const DATABASE = 'the database, instead of the one in the configuration';
const RULES_OF_FAILURE = ['low', 'medium', 'high', 'critical', 'coverage-gap'];

const interruption = new AbortController();
const program = new Command('noctule');
let result: Promise<number> | undefined;
let interruptedBy: number | undefined;

program
  .description('Finds the AI tools that an organisation uses without having approved them.')
  .option('-q, --quiet', 'print data and errors only')
  .version(VERSION, '--version', 'print the version')
  .showHelpAfterError('(`noctule --help` lists the commands)')
  .exitOverride()
  .configureOutput({ writeErr: (text) => void process.stderr.write(complaintText(text)) });
examples(program, ['noctule demo', 'noctule init', 'noctule scan --plan', 'noctule scan', 'noctule findings']);

withConfig(program.command('init').description('write a configuration and a policy to start from'), ['noctule init'])
  .option('--force', 'overwrite files that are already there')
  .action((options: { config: string; force?: boolean }) =>
    start(async (context) => (await import('./commands/init.ts')).initCommand(context, options)),
  );

withConfig(program.command('scan').description('read all sources and say what needs a decision'), [
  'noctule scan',
  'noctule scan --plan',
  'noctule scan --source workspace --fail-on high',
])
  .option('--db <file>', DATABASE)
  .option('--source <name...>', 'read these sources only; the others are left as they are')
  .option('--plan', 'print how many requests would be sent, and send none')
  .addOption(new Option('--fail-on <what...>', 'end with a code of its own').choices(RULES_OF_FAILURE))
  .option('--summary <file>', 'write a summary as JSON')
  .action((options: ScanCommandOptions) => start(async (context) => (await import('./commands/scan.ts')).scanCommand(context, options)));

withConfig(program.command('doctor').description('examine what a scan rests on: machine, files, credentials, every permission'), [
  'noctule doctor',
  'noctule doctor --source github --format json',
  'noctule doctor --fail-on coverage-gap',
])
  .option('--db <file>', DATABASE)
  .option('--source <name...>', 'these sources only')
  .addOption(new Option('--fail-on <what...>', 'end with 3 where a permission is missing').choices(['coverage-gap']))
  .addOption(new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'))
  .action((options: DoctorOptions) => start(async (context) => (await import('./commands/doctor.ts')).doctorCommand(context, options)));

command('findings', 'list what a person has to decide, most powerful first', [
  'noctule findings',
  'noctule findings --severity high --format csv',
])
  .addOption(formatOption())
  .addOption(new Option('--state <state...>', 'which findings').choices(['open', 'acknowledged', 'excepted', 'resolved']))
  .option('--rule <id>', 'of this rule')
  .addOption(new Option('--severity <level>', 'of this severity').choices(['low', 'medium', 'high', 'critical']))
  .option('--product <id>', 'of this product, vendor/product')
  .option('--connector <id>', 'of this connector')
  .option('--app <id>', 'of the app with this id')
  .addOption(new Option('--per-rule <n>', 'at most so many of each rule').argParser(wholeNumber))
  .addOption(new Option('--limit <n>', 'at most so many').default(200).argParser(wholeNumber))
  .action((options: FindingsOptions) =>
    start(async (context) => (await import('./commands/findings.ts')).findingsCommand(context, options)),
  );

command('show <id>', 'explain one finding: evidence, reach, holders, remedy, policy entries', [
  'noctule show 3fa41c02',
  'noctule show 3fa41c02 --format json',
])
  .addOption(new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'))
  .action((id: string, options: CommonOptions & { format: 'text' | 'json' }) =>
    start(async (context) => (await import('./commands/show.ts')).showCommand(context, id, options)),
  );

command('diff [from] [to]', 'what differs between two scans, by default the last two', ['noctule diff', 'noctule diff 12 15 --format json'])
  .addOption(formatOption())
  .action((from: string | undefined, to: string | undefined, options: DiffOptions) =>
    start(async (context) => (await import('./commands/diff.ts')).diffCommand(context, from, to, options)),
  );

command('coverage', 'what the last scan could not see, and why', ['noctule coverage', 'noctule coverage --format json'])
  .addOption(new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'))
  .action((options: CommonOptions & { format: 'text' | 'json' }) =>
    start(async (context) => (await import('./commands/coverage.ts')).coverageCommand(context, options)),
  );

command('query <sql>', 'answer one SQL question, read-only, within limits of time and size', [
  'noctule query "SELECT rule, count(*) FROM findings WHERE state = \'open\' GROUP BY rule"',
  'noctule query "SELECT * FROM grants WHERE standing = \'suspended\'" --format csv',
])
  .addOption(formatOption())
  .addOption(new Option('--max-rows <n>', 'at most so many rows').default(10_000).argParser(wholeNumber))
  .addOption(new Option('--seconds <n>', 'stopped after so many').default(10).argParser(wholeNumber))
  .action((sql: string, options: QueryOptions) =>
    start(async (context) => (await import('./commands/query.ts')).queryCommand(context, sql, options)),
  );

const MATCH = `echo '{"type": "app_name", "value": "ChatGPT"}' | noctule catalog match`;
const OVERLAY = ['--overlay <file>', "the organisation's own catalog.local.json as well"] as const;
const catalog = examples(program.command('catalog').description('ask the catalog of AI products'), [
  MATCH,
  'noctule catalog lookup OpenAI',
  'noctule catalog stats',
]);
examples(
  catalog
    .command('match')
    .description('read signals as JSON lines from standard input, write verdicts')
    .option(...OVERLAY)
    .action((options: { overlay?: string }) =>
      start(async (context) => (await import('./commands/catalog.ts')).catalogMatchCommand(context, options)),
    ),
  [MATCH, 'noctule catalog match --overlay catalog.local.json < signals.jsonl'],
);
examples(
  catalog
    .command('lookup <text>')
    .description('what the catalog has under an id, a name, a vendor or an identifier, with its sources')
    .option(...OVERLAY)
    .addOption(new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'))
    .action((text: string, options: { overlay?: string; format: 'text' | 'json' }) =>
      start(async (context) => (await import('./commands/catalog-lookup.ts')).catalogLookupCommand(context, text, options)),
    ),
  ['noctule catalog lookup openai/chatgpt', 'noctule catalog lookup api.openai.com --format json'],
);
examples(
  catalog
    .command('stats')
    .description('how many products it has, and by what they can be recognised')
    .addOption(new Option('--format <format>', 'form of the output').choices(['table', 'json']).default('table'))
    .action((options: { format: 'table' | 'json' }) =>
      start(async (context) => (await import('./commands/catalog-stats.ts')).catalogStatsCommand(context, options)),
    ),
  ['noctule catalog stats', 'noctule catalog stats --format json'],
);
examples(
  catalog
    .command('validate [file]')
    .description("check the catalog, or one file: a vendor's, or the organisation's catalog.local.json")
    .action((file: string | undefined) =>
      start(async (context) => (await import('./commands/catalog-validate.ts')).catalogValidateCommand(context, file)),
    ),
  ['noctule catalog validate', 'noctule catalog validate catalog.local.json', 'noctule catalog validate src/catalog/products/openai.json'],
);

withCommon(catalog.command('propose').description('the unknown apps most worth naming, as a catalog.local.json to review'), [
  'noctule catalog propose',
  'noctule catalog propose --limit 5 > proposal.json && noctule catalog validate proposal.json',
])
  .addOption(new Option('--limit <n>', 'at most so many').default(20).argParser(wholeNumber))
  .action((options: CommonOptions & { limit: number }) =>
    start(async (context) => (await import('./commands/catalog-propose.ts')).catalogProposeCommand(context, options)),
  );

examples(program.command('permissions <connector>').description('the least permissions that a connector needs'), [
  'noctule permissions github',
  'noctule permissions aws --format json',
])
  .addOption(new Option('--format <format>', 'form of the output').choices(['table', 'json']).default('table'))
  .action((id: string, options: { format: 'table' | 'json' }) =>
    start(async (context) => (await import('./commands/permissions.ts')).permissionsCommand(context, id, options)),
  );

const config = examples(program.command('config').description('look at the configuration'), ['noctule config validate']);
withConfig(config.command('show').description('print the configuration in force'), ['noctule config show']).action(
  (options: CommonOptions) => start(async (context) => (await import('./commands/config.ts')).configShowCommand(context, options)),
);
withConfig(config.command('validate').description('say whether configuration and policy are valid'), ['noctule config validate']).action(
  (options: CommonOptions) => start(async (context) => (await import('./commands/config.ts')).configValidateCommand(context, options)),
);
examples(
  config
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .option('--policy', 'that of policy.json instead')
    .option('--catalog', 'that of catalog.local.json instead')
    .action((options: { policy?: boolean; catalog?: boolean }) =>
      start(async (context) => (await import('./commands/config.ts')).configSchemaCommand(context, options)),
    ),
  [
    'noctule config schema > config.schema.json',
    'noctule config schema --policy > policy.schema.json',
    'noctule config schema --catalog > catalog.schema.json',
  ],
);

examples(program.command('demo').description('scan an invented company on this machine, three nights in a row'), [
  'noctule demo',
  'noctule demo --seed otter',
])
  .option('--seed <word>', 'another company', 'lanternworks')
  .option('--people <n>', 'how many people it has', wholeNumber, 400)
  .option('--folder <folder>', 'where the database and the files are written; emptied before', '.noctule/demo')
  .action((options: { seed: string; people: number; folder: string }) =>
    start(async (context) => (await import('./commands/demo.ts')).demoCommand(context, options)),
  );

await main();

async function main(): Promise<void> {
  process.on('SIGINT', () => stop(130));
  process.on('SIGTERM', () => stop(143));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read our output has stopped; that is no fault.
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`The output cannot be written (${error.code ?? error.message})\n`);
    process.exit(5);
  });
  // Nobody reads what we say of our progress: the work itself goes on.
  process.stderr.on('error', () => {});
  // Node itself would end with 1, which means findings.
  process.on('uncaughtException', (error) => void failed(error).then((code) => process.exit(code)));
  try {
    await program.parseAsync(process.argv);
    const code = await (result ?? 0);
    process.exitCode = interruptedBy !== undefined && code === 130 ? interruptedBy : code;
  } catch (error) {
    process.exitCode = await failed(error);
  }
}

async function failed(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (interruptedBy !== undefined) return interruptedBy;
  return (await import('./commands/failure.ts')).failure(error, (text) => process.stderr.write(text));
}

function command(name: string, description: string, lines: readonly string[]): Command {
  return withCommon(program.command(name).description(description), lines);
}

/** For commands that read what was found: they need no valid configuration, only the place of the database. */
function withCommon(made: Command, lines: readonly string[]): Command {
  return withConfig(made, lines)
    .option('--db <file>', DATABASE)
    .option('--tenant <slug>', 'whose facts, where the database holds several tenants');
}

function withConfig(made: Command, lines: readonly string[]): Command {
  return examples(made.option('-c, --config <file>', 'the configuration', process.env['NOCTULE_CONFIG'] ?? 'config.json'), lines);
}

function examples(made: Command, lines: readonly string[]): Command {
  return made.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`);
}

function formatOption(): Option {
  return new Option('-f, --format <format>', 'form of the output').choices(FORMATS).default('table');
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of at most nine digits.');
  return Number(text);
}

function start(run: (context: CommandContext) => Promise<number>): void {
  result = run(processContext());
}

/** The first signal ends the work in order, the second at once. */
function stop(code: number): void {
  if (interruption.signal.aborted) process.exit(code);
  interruptedBy = code;
  interruption.abort(new DOMException('Interrupted', 'AbortError'));
}

function processContext(): CommandContext {
  const color = process.stderr.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    environment: process.env,
    directory: process.cwd(),
    clock: { now: () => new Date(), sleep },
    signal: interruption.signal,
    live: color,
    color,
    quiet: program.opts<{ quiet?: boolean }>().quiet === true,
    async *input() {
      interruption.signal.addEventListener('abort', () => process.stdin.destroy());
      for await (const chunk of process.stdin.setEncoding('utf8')) yield String(chunk);
    },
  };
}

async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const { setTimeout: wait } = await import('node:timers/promises');
  signal?.throwIfAborted();
  try {
    await wait(milliseconds, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
