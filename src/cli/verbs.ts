import { FAIL_ON } from '../commands/exit-codes.ts';
import type { OverlayOption } from '../commands/catalog.ts';
import type { AuditLogOptions, AuditVerifyOptions } from '../commands/audit.ts';
import type { CommonOptions } from '../commands/context.ts';
import type { CoverageOptions } from '../commands/coverage.ts';
import type { ForgetOptions } from '../commands/db-forget.ts';
import type { DemoOptions } from '../commands/demo.ts';
import type { DiffOptions } from '../commands/diff.ts';
import type { DoctorOptions } from '../commands/doctor.ts';
import type { FindingsOptions } from '../commands/findings.ts';
import type { ClassifyOptions } from '../commands/classify.ts';
import type { IdentitiesOptions } from '../commands/identities.ts';
import type { IocOptions } from '../commands/ioc.ts';
import type { ScanCommandOptions } from '../commands/scan.ts';
import type { ShowOptions } from '../commands/show.ts';
import { CLASSES, CONFIDENCES } from '../identity/words.ts';
import { FINDING_STATES, SEVERITIES } from '../policy/judged.ts';
import { COVERAGE_FORMATS, FINDING_FORMATS, FORMATS, type Format } from '../report/formats.ts';
import { NAMES } from '../report/names.ts';
import { completionVerb } from './completion-verb.ts';
import { findingVerbs } from './finding-verbs.ts';
import { governanceVerbs } from './governance-verbs.ts';
import { personsVerb } from './person-verbs.ts';
import { databaseVerbs, nightVerbs } from './night-verbs.ts';
import { decisionVerbs, policyVerb } from './policy-verbs.ts';
import { account, after, connector, limit, list, listVerbs, output, product, queryVerb, someLimit, vendor } from './question-verbs.ts';
import { ticketsVerb } from './ticket-verbs.ts';
import type { Verb, VerbOption } from './verb.ts';
import { GAP_REASONS, STANDINGS, TRAITS } from './words.ts';

const config: VerbOption = {
  flags: '-c, --config <file>',
  does: 'the configuration',
  default: 'config.json',
  environment: 'NOCTULE_CONFIG',
};
const database: VerbOption = { flags: '--db <file>', does: 'the database, instead of the one in the configuration' };
const tenant: VerbOption = { flags: '--tenant <slug>', does: 'whose facts, where the database holds several tenants' };
const rows: VerbOption = { flags: '-f, --format <format>', does: 'form of the output', choices: FORMATS, default: 'table' };
const asOf: VerbOption = {
  flags: '--as-of <scan>',
  does: 'as it was judged in that scan, by its number, or in the last one by that day',
};
const table: VerbOption = { flags: '--format <format>', does: 'form of the output', choices: ['table', 'json'], default: 'table' };
const overlay: VerbOption = { flags: '--overlay <file>', does: "the organisation's own catalog.local.json as well" };
const MATCH = `echo '{"type": "app_name", "value": "ChatGPT"}' | noctule catalog match`;
const text: VerbOption = { flags: '--format <format>', does: 'form of the output', choices: ['text', 'json'], default: 'text' };

/** Of commands that read what was found: they need no valid configuration, only the place of the database. */
const reading = [config, database, tenant];

/** The program, and below it every verb that it knows. */
export const PROGRAM: Verb = {
  name: 'noctule',
  does: 'Finds the AI tools that an organisation uses without having approved them.',
  options: [
    { flags: '-q, --quiet', does: 'print data and errors only' },
    { flags: '--version', does: 'print the version' },
  ],
  examples: ['noctule demo', 'noctule init', 'noctule scan --plan', 'noctule scan', 'noctule findings'],
  verbs: [
    {
      name: 'init',
      does: 'write a configuration and a policy to start from',
      options: [config, { flags: '--force', does: 'overwrite a configuration and schemas that are already there; a policy never' }],
      examples: ['noctule init'],
      run: async (context, options: { config: string; force?: boolean }) =>
        (await import('../commands/init.ts')).initCommand(context, options),
    },
    {
      name: 'scan',
      does: 'read all sources and say what needs a decision',
      options: [
        config,
        database,
        { flags: '--source <name...>', does: 'read these sources only; the others are left as they are' },
        { flags: '--plan', does: 'print how many requests would be sent, and send none' },
        { flags: '--fail-on <what...>', does: 'end with a code of its own', choices: FAIL_ON },
        { flags: '--summary <file>', does: 'write a summary as JSON' },
      ],
      examples: ['noctule scan', 'noctule scan --plan', 'noctule scan --source workspace --fail-on high'],
      run: async (context, options: ScanCommandOptions) => (await import('../commands/scan.ts')).scanCommand(context, options),
    },
    ...nightVerbs(config, database),
    {
      name: 'doctor',
      does: 'examine what a scan rests on: machine, files, credentials, every permission',
      names: 'accounts that credentials act for',
      options: [
        config,
        database,
        { flags: '--source <name...>', does: 'these sources only' },
        { flags: '--fail-on <what...>', does: 'end with 3 where a permission is missing', choices: ['coverage-gap'] },
        text,
      ],
      examples: ['noctule doctor', 'noctule doctor --source github --format json', 'noctule doctor --fail-on coverage-gap'],
      run: async (context, options: DoctorOptions) => (await import('../commands/doctor.ts')).doctorCommand(context, options),
    },
    {
      name: 'findings',
      does: 'list what a person has to decide, most powerful first',
      names: NAMES.findings,
      options: [
        ...reading,
        { flags: '-f, --format <format>', does: 'form of the output', choices: FINDING_FORMATS, default: 'table' },
        output,
        { flags: '--state <state...>', does: 'which findings', choices: FINDING_STATES, value: 'words' },
        { flags: '--rule <id...>', does: 'of these rules', value: 'words' },
        { flags: '--control <id>', does: 'of rules that cite this control of a framework; an older id means the present one' },
        { flags: '--severity <level...>', does: 'of these severities', choices: SEVERITIES, value: 'words' },
        product,
        vendor,
        connector,
        account,
        { flags: '--app <id>', does: 'of the app with this id' },
        asOf,
        {
          flags: '--judge-with <files>',
          does: 'judged by the files of that scan, or by the present ones',
          choices: ['then', 'current'],
          default: 'then',
        },
        { flags: '--per-rule <n>', does: 'at most so many of each rule', value: 'whole number' },
        {
          flags: '--sort <order>',
          does: 'by severity and then by what they can reach, or by the risk that `show` adds up',
          choices: ['rank', 'risk'],
          default: 'rank',
        },
        someLimit,
        after,
      ],
      isQuick: true,
      examples: [
        'noctule findings',
        'noctule findings --severity high critical --format csv',
        'noctule findings --control PR.AA-05',
        'noctule findings --sort risk',
        'noctule findings --as-of 2026-03-31',
        'noctule findings --judge-with current',
        'noctule findings --format sarif --output findings.sarif',
      ],
      run: async (context, options: FindingsOptions) => (await import('../commands/findings.ts')).findingsCommand(context, options),
    },
    ...listVerbs(reading, asOf),
    {
      name: 'show',
      does: 'explain one finding, integration, grant or identity: evidence, reach, holders, remedy, policy entries',
      names: 'holders, with standing, times and last use',
      arguments: ['<id>'],
      options: [...reading, text, asOf],
      isQuick: true,
      examples: [
        'noctule show 3fa41c02',
        'noctule show 3fa41c02 --format json',
        'noctule show 1234567890-abc.apps.googleusercontent.com',
        'noctule show i1207',
        'noctule show g34187',
        'noctule show p8c1f0a27d3e4',
      ],
      run: async (context, id: string, options: ShowOptions) => (await import('../commands/show.ts')).showCommand(context, id, options),
    },
    ...findingVerbs(reading),
    ...decisionVerbs([config, database]),
    policyVerb(config, database, tenant, rows),
    ticketsVerb(config, database, rows),
    {
      name: 'ioc',
      does: 'what an indicator of compromise leads to: who, permissions, first and last seen, last use, bytes, live or gone',
      names: NAMES.ioc,
      arguments: ['<indicator>'],
      options: [...reading, rows, asOf, { flags: '--limit <n>', does: 'at most so many', value: 'whole number', default: 200 }],
      examples: [
        'noctule ioc 1234567890-abc.apps.googleusercontent.com',
        'noctule ioc some-github-app --format csv',
        'noctule ioc 123456789012 --as-of 2026-03-31',
        'noctule ioc vendor.example --format json',
      ],
      run: async (context, indicator: string, options: IocOptions) =>
        (await import('../commands/ioc.ts')).iocCommand(context, indicator, options),
    },
    {
      name: 'identities',
      does: 'who and what holds access: human, machine or AI, why, and as whom the same person is known elsewhere',
      names: NAMES.identities,
      options: [
        ...reading,
        list,
        output,
        { flags: '--class <class...>', does: 'of these classes', choices: CLASSES, value: 'words' },
        { flags: '--confidence <word>', does: 'of which the class is this sure', choices: CONFIDENCES },
        connector,
        account,
        { flags: '--id <id>', does: 'with this id, login or address, or known under it elsewhere in the account' },
        { flags: '--standing <standing>', does: 'that stand so', choices: STANDINGS },
        { flags: '--trait <trait>', does: 'of which a provider says this', choices: TRAITS },
        { flags: '--tied', does: 'known on several planes' },
        { flags: '--left-elsewhere', does: 'still here, though the same person has left elsewhere' },
        asOf,
        {
          flags: '--sort <order>',
          does: 'by connector and account, by name, or by class',
          choices: ['where', 'name', 'class'],
          default: 'where',
        },
        limit,
        after,
      ],
      examples: [
        'noctule identities --class ai',
        'noctule identities --confidence unclear',
        'noctule identities --tied --format csv',
        'noctule identities --left-elsewhere',
        'noctule identities --id ada@corp.example --format json',
      ],
      run: async (context, options: IdentitiesOptions) => (await import('../commands/identities.ts')).identitiesCommand(context, options),
    },
    {
      name: 'classify',
      does: 'say what an identity is, above what the facts say; `facts` takes that back',
      arguments: ['<id>', '<class>'],
      options: [
        ...reading,
        { flags: '--reason <text>', does: 'why; it must be given' },
        { flags: '--connector <id>', does: 'of this connector, where several have the id' },
        { flags: '--account <id>', does: 'of this account' },
      ],
      examples: [
        'noctule classify support@corp.example machine --reason "Shared mailbox of the help desk"',
        'noctule classify AIDA4VRSGBPMDQFPSBPSB ai --reason "The user of our coding agent"',
        'noctule classify support@corp.example facts --reason "The mailbox was given to a person"',
      ],
      run: async (context, id: string, as: string, options: ClassifyOptions) =>
        (await import('../commands/classify.ts')).classifyCommand(context, id, as, options),
    },
    {
      name: 'diff',
      does: 'what differs between two scans, by default the last two',
      names: NAMES.diff,
      arguments: ['[from]', '[to]'],
      options: [...reading, rows],
      examples: ['noctule diff', 'noctule diff 12 15 --format json'],
      run: async (context, from: string | undefined, to: string | undefined, options: DiffOptions) =>
        (await import('../commands/diff.ts')).diffCommand(context, from, to, options),
    },
    ...governanceVerbs(reading, text, table, asOf),
    personsVerb(reading),
    {
      name: 'coverage',
      does: 'what the last scan could not see, and why',
      names: NAMES.coverage,
      options: [
        ...reading,
        { flags: '--format <format>', does: 'form of the output', choices: COVERAGE_FORMATS, default: 'text' },
        output,
        { flags: '--source <name>', does: 'of this source' },
        connector,
        account,
        { flags: '--collector <id>', does: 'of this list or log' },
        { flags: '--reason <reason>', does: 'for this reason', choices: GAP_REASONS },
        { flags: '--permission <name>', does: 'that this permission would open' },
        { flags: '--new', does: 'only what could be read the night before' },
        asOf,
        { flags: '--sort <order>', does: 'of a list: by place, the oldest first, or by reason', choices: ['place', 'since', 'reason'] },
        { flags: '--limit <n>', does: 'of a list: at most so many; 0 = all', value: 'whole number', default: 0 },
        after,
      ],
      isQuick: true,
      examples: [
        'noctule coverage',
        'noctule coverage --format json',
        'noctule coverage --reason permission_denied --format csv',
        'noctule coverage --format table --sort since --limit 20',
      ],
      run: async (context, options: CoverageOptions) => (await import('../commands/coverage.ts')).coverageCommand(context, options),
    },
    queryVerb(config, database),
    {
      name: 'catalog',
      does: 'ask the catalog of AI products',
      examples: [MATCH, 'noctule catalog lookup OpenAI', 'noctule catalog stats'],
      verbs: [
        {
          name: 'match',
          does: 'read signals as JSON lines from standard input, write verdicts',
          names: 'nobody',
          options: [overlay],
          examples: [MATCH, 'noctule catalog match --overlay catalog.local.json < signals.jsonl'],
          run: async (context, options: OverlayOption) => (await import('../commands/catalog.ts')).catalogMatchCommand(context, options),
        },
        {
          name: 'lookup',
          does: 'what the catalog has under an id, a name, a vendor or an identifier, with its sources',
          names: 'nobody',
          arguments: ['<text>'],
          options: [overlay, text],
          examples: ['noctule catalog lookup openai/chatgpt', 'noctule catalog lookup api.openai.com --format json'],
          run: async (context, sought: string, options: OverlayOption & { format: 'text' | 'json' }) =>
            (await import('../commands/catalog-lookup.ts')).catalogLookupCommand(context, sought, options),
        },
        {
          name: 'stats',
          does: 'how many products it has, and by what they can be recognised',
          names: 'nobody',
          options: [table],
          examples: ['noctule catalog stats', 'noctule catalog stats --format json'],
          run: async (context, options: { format: 'table' | 'json' }) =>
            (await import('../commands/catalog-stats.ts')).catalogStatsCommand(context, options),
        },
        {
          name: 'validate',
          does: "check the catalog, or one file: a vendor's, or the organisation's catalog.local.json",
          arguments: ['[file]'],
          examples: [
            'noctule catalog validate',
            'noctule catalog validate catalog.local.json',
            'noctule catalog validate src/catalog/products/openai.json',
          ],
          run: async (context, file: string | undefined) =>
            (await import('../commands/catalog-validate.ts')).catalogValidateCommand(context, file),
        },
        {
          name: 'rematch',
          does: 'stored apps of which the present catalog says something else than at the last scan; sends nothing',
          names: 'apps and keys that are named after their holder',
          options: [...reading, rows],
          examples: ['noctule catalog rematch', 'noctule catalog rematch --format json'],
          run: async (context, options: CommonOptions & { format: Format }) =>
            (await import('../commands/catalog-rematch.ts')).catalogRematchCommand(context, options),
        },
        {
          name: 'propose',
          does: 'the unknown apps most worth naming, as a catalog.local.json to review',
          names: 'apps and keys that are named after their holder',
          options: [...reading, { flags: '--limit <n>', does: 'at most so many', value: 'whole number', default: 20 }],
          examples: [
            'noctule catalog propose',
            'noctule catalog propose --limit 5 > proposal.json && noctule catalog validate proposal.json',
          ],
          run: async (context, options: CommonOptions & { limit: number }) =>
            (await import('../commands/catalog-propose.ts')).catalogProposeCommand(context, options),
        },
      ],
    },
    {
      name: 'audit',
      does: 'what was done and decided, in a trail that is added to and never changed',
      examples: ['noctule audit log', 'noctule audit verify'],
      verbs: [
        {
          name: 'log',
          does: 'the last events, the last first',
          names: 'whoever ran the program',
          options: [...reading, rows, { flags: '--limit <n>', does: 'at most so many', value: 'whole number', default: 50 }],
          examples: ['noctule audit log', 'noctule audit log --limit 5 --format json'],
          run: async (context, options: AuditLogOptions) => (await import('../commands/audit.ts')).auditLogCommand(context, options),
        },
        {
          name: 'verify',
          does: 'whether the trail is what it was; ends with 5 and names the first event that is not',
          options: [...reading, { flags: '--head <hash>', does: 'held against this head, from the summary of an earlier scan' }],
          examples: ['noctule audit verify', 'noctule audit verify --head "$(jq -r .audit.hash summary.json)"'],
          run: async (context, options: AuditVerifyOptions) => (await import('../commands/audit.ts')).auditVerifyCommand(context, options),
        },
      ],
    },
    {
      name: 'db',
      does: 'look after the database',
      examples: ['noctule db check', 'noctule db prune --keep-days 400 --plan', 'noctule db forget ada@corp.example --plan'],
      verbs: [
        ...databaseVerbs(config, database, tenant, text),
        {
          name: 'forget',
          does: 'take a person out of everything that is stored, on all nights; counts and the audit trail stay whole',
          names: 'the person, where it says what would be replaced',
          arguments: ['<person>'],
          options: [
            ...reading,
            { flags: '--connector <id>', does: 'of this connector, where several people have the login' },
            { flags: '--account <id>', does: 'of this account' },
            { flags: '--plan', does: 'say what would be replaced, and replace nothing' },
            text,
          ],
          examples: [
            'noctule db forget ada@corp.example --plan',
            'noctule db forget ada@corp.example',
            'noctule db forget ada-corp --connector github',
          ],
          run: async (context, person: string, options: ForgetOptions) =>
            (await import('../commands/db-forget.ts')).dbForgetCommand(context, person, options),
        },
        {
          name: 'rewrite',
          does: 'write the file anew, so that nothing is left in it of what was replaced; ends with 5 while another process uses it',
          options: [config, database],
          examples: ['noctule db rewrite'],
          run: async (context, options: CommonOptions) => (await import('../commands/db-rewrite.ts')).dbRewriteCommand(context, options),
        },
      ],
    },
    {
      name: 'permissions',
      does: 'the least permissions that a connector needs',
      names: 'nobody',
      arguments: ['<connector>'],
      options: [
        table,
        {
          flags: '--as <document>',
          does: "a document of the provider's own tools instead: policy, terraform, cloudformation, setup, scanner",
        },
        { flags: '--collectors <ids>', does: 'of these collectors alone, with commas between them' },
      ],
      examples: [
        'noctule permissions github',
        'noctule permissions aws --format json',
        'noctule permissions aws --as cloudformation',
        'noctule permissions google-workspace --as setup --collectors users,grants,token_log',
      ],
      run: async (context, id: string, options: { format: 'table' | 'json'; as?: string; collectors?: string }) =>
        (await import('../commands/permissions.ts')).permissionsCommand(context, id, options),
    },
    {
      name: 'config',
      does: 'look at the configuration',
      examples: ['noctule config validate'],
      verbs: [
        {
          name: 'show',
          does: 'print the configuration in force',
          options: [config],
          examples: ['noctule config show'],
          run: async (context, options: CommonOptions) => (await import('../commands/config.ts')).configShowCommand(context, options),
        },
        {
          name: 'validate',
          does: 'say whether configuration and policy are valid',
          options: [config],
          examples: ['noctule config validate'],
          run: async (context, options: CommonOptions) => (await import('../commands/config.ts')).configValidateCommand(context, options),
        },
        {
          name: 'schema',
          does: 'print the JSON Schema of the configuration',
          options: [
            { flags: '--policy', does: 'that of policy.json instead' },
            { flags: '--catalog', does: 'that of catalog.local.json instead' },
          ],
          examples: [
            'noctule config schema > config.schema.json',
            'noctule config schema --policy > policy.schema.json',
            'noctule config schema --catalog > catalog.schema.json',
          ],
          run: async (context, options: { policy?: boolean; catalog?: boolean }) =>
            (await import('../commands/config.ts')).configSchemaCommand(context, options),
        },
      ],
    },
    completionVerb,
    {
      name: 'demo',
      does: 'scan an invented company on this machine, three nights in a row',
      options: [
        { flags: '--seed <word>', does: 'another company', default: 'lanternworks' },
        { flags: '--people <n>', does: 'how many people it has', value: 'whole number', default: 400 },
        { flags: '--folder <folder>', does: 'where the database and the files are written; emptied before', default: '.noctule/demo' },
      ],
      examples: ['noctule demo', 'noctule demo --seed otter'],
      run: async (context, options: DemoOptions) => (await import('../commands/demo.ts')).demoCommand(context, options),
    },
  ],
};
