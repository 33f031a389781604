import type { ChangesOptions } from '../commands/changes.ts';
import type { GrantsOptions } from '../commands/grants.ts';
import type { IntegrationsOptions } from '../commands/integrations.ts';
import type { QueryOptions } from '../commands/query.ts';
import { INTEGRATION_FORMATS, LIST_FORMATS } from '../report/formats.ts';
import { NAMES } from '../report/names.ts';
import type { Verb, VerbOption } from './verb.ts';
import { CHANGES, DATA_CLASSES, GRANT_KINDS, STANDINGS, VERDICTS } from './words.ts';

/** A list that may be long, and is taken elsewhere. */
export const list: VerbOption = { flags: '-f, --format <format>', does: 'form of the output', choices: LIST_FORMATS, default: 'table' };
export const output: VerbOption = {
  flags: '-o, --output <file>',
  does: 'write it into this file, for its owner alone, whole or not at all',
};
export const limit: VerbOption = { flags: '--limit <n>', does: 'at most so many; 0 = all', value: 'whole number', default: 200 };
/** Of lists that other programs take, too. */
export const someLimit: VerbOption = {
  flags: '--limit <n>',
  does: 'at most so many; 0 = all. Not given: 200, and all in sarif, ocsf and cyclonedx, where what is missing passes for gone',
  value: 'whole number',
};
export const after: VerbOption = { flags: '--after <cursor>', does: 'go on after this one: the page before says after which' };
export const connector: VerbOption = { flags: '--connector <id...>', does: 'of these connectors', value: 'words' };
export const account: VerbOption = { flags: '--account <id>', does: 'of the account with this id' };
export const vendor: VerbOption = {
  flags: '--vendor <id...>',
  does: 'of products of these vendors: what stands before the slash',
  value: 'words',
};
export const product: VerbOption = { flags: '--product <id>', does: 'of this product, vendor/product' };
const app: VerbOption = { flags: '--app <id>', does: 'of the app with this id' };
const states: VerbOption = {
  flags: '--state <state...>',
  does: 'in these states; otherwise what is present or unverified',
  choices: ['present', 'unverified', 'gone'],
  value: 'words',
};
/** Verbs that list what was read. */
export function listVerbs(reading: readonly VerbOption[], asOf: VerbOption): Verb[] {
  return [
    {
      name: 'integrations',
      does: 'list the apps that have access, AI or not: what they are, what they can reach, how many hold them',
      names: NAMES.integrations,
      options: [
        ...reading,
        { flags: '-f, --format <format>', does: 'form of the output', choices: INTEGRATION_FORMATS, default: 'table' },
        output,
        {
          flags: '--verdict <verdict...>',
          does: 'of which the catalog says this; an inventory in CycloneDX holds AI alone',
          choices: VERDICTS,
          value: 'words',
        },
        states,
        connector,
        account,
        app,
        product,
        vendor,
        { flags: '--data <class>', does: 'that reach this class of data', choices: DATA_CLASSES },
        {
          flags: '--access <access>',
          does: 'that can do this, to that class of data where one is given',
          choices: ['read', 'write', 'admin'],
        },
        asOf,
        {
          flags: '--sort <order>',
          does: 'the newest first, by name, by product, or what most hold first',
          choices: ['seen', 'name', 'product', 'holders'],
          default: 'seen',
        },
        someLimit,
        after,
      ],
      isQuick: true,
      examples: [
        'noctule integrations --verdict ai suspected',
        'noctule integrations --data source_code --access write --sort holders',
        'noctule integrations --format cyclonedx --output ai-services.cdx.json',
        'noctule integrations --limit 50 --after i1207',
      ],
      run: async (context, options: IntegrationsOptions) =>
        (await import('../commands/integrations.ts')).integrationsCommand(context, options),
    },
    {
      name: 'grants',
      does: 'list who and what holds, may or uses what: grants, keys, seats, trusts, agents',
      names: NAMES.grants,
      options: [
        ...reading,
        list,
        output,
        { flags: '--kind <kind>', does: 'of this kind', choices: GRANT_KINDS },
        states,
        connector,
        account,
        app,
        { flags: '--holder <id>', does: 'held by whoever has this id' },
        { flags: '--standing <standing>', does: 'held by whoever stands so', choices: STANDINGS },
        product,
        vendor,
        { flags: '--verdict <verdict>', does: 'of apps of which the catalog says this', choices: VERDICTS },
        { flags: '--permission <name>', does: 'with this permission, as its provider writes it' },
        { flags: '--never-expires', does: 'without an end' },
        { flags: '--events', does: 'also what logs tell of what is listed: an event never goes' },
        asOf,
        { flags: '--sort <order>', does: 'by app, or the newest first', choices: ['app', 'seen'], default: 'app' },
        limit,
        after,
      ],
      isQuick: true,
      examples: [
        'noctule grants --verdict ai --standing suspended',
        'noctule grants --kind api_key --never-expires',
        'noctule grants --vendor openai --format csv --limit 0 --output openai.csv',
        'noctule grants --app 1234567890-abc.apps.googleusercontent.com --as-of 2026-03-31',
      ],
      run: async (context, options: GrantsOptions) => (await import('../commands/grants.ts')).grantsCommand(context, options),
    },
    {
      name: 'changes',
      does: 'list what happened since a scan or a day, scan by scan, the last first: to facts and to findings',
      names: NAMES.changes,
      options: [
        ...reading,
        list,
        output,
        {
          flags: '--since <scan>',
          does: 'after that scan, by its number, or after the last one by that day; otherwise what the last scan brought',
        },
        { flags: '--until <scan>', does: 'up to that scan, or the last one by that day' },
        { flags: '--about <what>', does: 'what was read, or what was judged', choices: ['fact', 'finding'] },
        {
          flags: '--change <change...>',
          does: 'what happened',
          choices: CHANGES,
          value: 'words',
        },
        { flags: '--kind <kind>', does: 'of facts of this kind, or of findings of this rule' },
        connector,
        account,
        app,
        product,
        vendor,
        limit,
        after,
      ],
      isQuick: true,
      examples: [
        'noctule changes',
        'noctule changes --since 2026-03-31 --about finding',
        'noctule changes --since 12 --change gone returned --format csv',
      ],
      run: async (context, options: ChangesOptions) => (await import('../commands/changes.ts')).changesCommand(context, options),
    },
  ];
}

/** Questions that ship, and those that analysts write. */
export function queryVerb(config: VerbOption, database: VerbOption): Verb {
  return {
    name: 'query',
    does: 'answer a question that ships, by its name, or one in SQL, read-only, within limits of time and size',
    names: NAMES.query,
    arguments: ['[question]'],
    offers: async () => (await import('../commands/query-named.ts')).queryNames(),
    // A question is asked of the whole database: its WHERE says whose facts. One that ships takes them from the configuration.
    options: [
      config,
      database,
      list,
      output,
      { flags: '--list', does: 'list the questions that ship, with their parameters' },
      { flags: '--param <name=value...>', does: 'values for a question that ships; tenant=… says whose facts' },
      { flags: '--max-rows <n>', does: 'at most so many rows', value: 'whole number', default: 10_000 },
      { flags: '--seconds <n>', does: 'SQL is stopped after so many, else after 10', value: 'whole number' },
    ],
    isQuick: true,
    examples: [
      'noctule query --list',
      'noctule query ai-writes-source-code',
      'noctule query vendor-breach --param vendor=openai --format csv',
      'noctule query "SELECT rule, count(*) FROM findings WHERE state = \'open\' GROUP BY rule"',
      'noctule query "SELECT * FROM grants WHERE standing = \'suspended\'" --format csv',
    ],
    run: async (context, question: string | undefined, options: QueryOptions) =>
      (await import('../commands/query.ts')).queryCommand(context, question, options),
  };
}
