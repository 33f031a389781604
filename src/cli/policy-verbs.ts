import type { ApproveOptions, DenyOptions, ExceptOptions } from '../commands/decide.ts';
import type { PolicyCheckOptions } from '../commands/policy-check.ts';
import type { PolicySeedOptions } from '../commands/policy-seed.ts';
import type { PolicyTestOptions } from '../commands/policy-test.ts';
import type { Verb, VerbOption } from './verb.ts';

const owner: VerbOption = { flags: '--owner <who>', does: 'who answers for it' };
const approver: VerbOption = { flags: '--approver <who>', does: 'who decided' };
const reason: VerbOption = { flags: '--reason <text>', does: 'why' };
const ticket: VerbOption = { flags: '--ticket <id>', does: 'where it was discussed' };
const dryRun: VerbOption = { flags: '--dry-run', does: 'say what would be written and what it changes, and write nothing' };
const everywhere: VerbOption = { flags: '--everywhere', does: 'for this id in every account, instead of that of the finding alone' };
const all: VerbOption = { flags: '--all', does: 'where its entry lists other apps too, for all of them' };
const HOLDERS = 'holders, up to five of each finding, and apps and keys that are named after their holder';
const DECIDERS = 'who stands in the changed lines of the policy, and apps and keys that are named after their holder';
const separate: VerbOption = { flags: '--separate', does: 'an entry of its own, also where one is about the same product' };

/** Verbs that write a decision into policy.json. */
export function decisionVerbs(common: readonly VerbOption[]): Verb[] {
  return [
    {
      name: 'approve',
      does: 'write an approval of the app of a finding into policy.json, bound to its id',
      names: DECIDERS,
      arguments: ['<finding>'],
      options: [
        ...common,
        owner,
        approver,
        reason,
        { flags: '--expires <day>', does: 'the last day on which it holds', value: 'day' },
        { flags: '--stage <stage>', does: 'on trial until it expires, or for good', choices: ['probation', 'approved'] },
        { flags: '--review <day>', does: 'the last day for somebody to look at it again', value: 'day' },
        {
          flags: '--review-every <days>',
          does: 'somebody looks at it again after so many days, counted from today',
          value: 'whole number',
        },
        { flags: '--most <n>', does: 'at most so many people may hold it', value: 'whole number' },
        { flags: '--business-process <text>', does: 'what it is used for' },
        { flags: '--control-owner <who>', does: 'who answers for its staying within its limits' },
        { flags: '--evidence <text...>', does: 'what the decision rests on: addresses, names of documents' },
        ticket,
        everywhere,
        all,
        separate,
        dryRun,
      ],
      examples: [
        'noctule approve 3fa41c02 --owner it@acme.example --approver ciso@acme.example --reason "Reviewed" --expires 2027-03-31',
        'noctule approve 3fa41c02 --stage probation --expires 2027-01-31 --owner it --approver ciso --reason "Trial of the design team"',
        'noctule approve 3fa41c02 --dry-run --owner it --approver ciso --reason "Reviewed" --review-every 180',
      ],
      run: async (context, id: string, options: ApproveOptions) =>
        (await import('../commands/decide.ts')).approveCommand(context, id, options),
    },
    {
      name: 'deny',
      does: 'write a denial of the app of a finding into policy.json, bound to its id',
      names: DECIDERS,
      arguments: ['<finding>'],
      options: [...common, reason, { flags: '--redirect <text>', does: 'what to use instead' }, ticket, everywhere, all, separate, dryRun],
      examples: ['noctule deny 3fa41c02 --reason "Trains on what it sees" --redirect "ChatGPT Enterprise"'],
      run: async (context, id: string, options: DenyOptions) => (await import('../commands/decide.ts')).denyCommand(context, id, options),
    },
    {
      name: 'except',
      does: 'accept a finding until a day, at most a year ahead, in policy.json',
      names: DECIDERS,
      arguments: ['<finding>'],
      options: [
        ...common,
        owner,
        approver,
        reason,
        { flags: '--until <day>', does: 'the last day on which it is accepted', value: 'day' },
        ticket,
        dryRun,
      ],
      examples: ['noctule except 3fa41c02 --owner it@acme.example --reason "Replaced in spring" --until 2027-03-31'],
      run: async (context, id: string, options: ExceptOptions) =>
        (await import('../commands/decide.ts')).exceptCommand(context, id, options),
    },
  ];
}

/** Verbs that look at policy.json as a whole. */
export function policyVerb(config: VerbOption, database: VerbOption, tenant: VerbOption, rows: VerbOption): Verb {
  return {
    name: 'policy',
    does: 'check the policy, try it out, or begin one',
    examples: ['noctule policy check', 'noctule policy test --policy proposed.json', 'noctule policy seed --owner it --approver ciso'],
    verbs: [
      {
        name: 'check',
        does: 'entries of the policy that need a look, with their lines; ends with 1 where there are any',
        names: 'owners of entries that have no end',
        arguments: ['[file]'],
        options: [config, database, tenant, rows],
        examples: ['noctule policy check', 'noctule policy check proposed.json --format json'],
        run: async (context, file: string | undefined, options: PolicyCheckOptions) =>
          (await import('../commands/policy-check.ts')).policyCheckCommand(context, file, options),
      },
      {
        name: 'test',
        does: 'findings that would open, change or close by a policy, judged from stored facts; ends with 1 where one opens',
        names: HOLDERS,
        options: [config, database, { flags: '--policy <file>', does: 'this file, instead of the policy as it stands' }, rows],
        examples: ['noctule policy test', 'noctule policy test --policy proposed.json'],
        run: async (context, options: PolicyTestOptions) =>
          (await import('../commands/policy-test.ts')).policyTestCommand(context, options),
      },
      {
        name: 'seed',
        does: 'the policy with all that nothing was decided about on trial, bound to the ids that were seen, for review',
        names: 'who stands in the policy, and apps and keys that are named after their holder',
        options: [
          config,
          database,
          owner,
          approver,
          { flags: '--expires <day>', does: 'the last day of the trial; 90 days from today where none is given', value: 'day' },
          {
            flags: '--configured',
            does: 'only what administrators trust or limit in the console of the provider, by its log or an imported list',
          },
          { flags: '--everywhere', does: 'entries that hold in every account, instead of one for each' },
          { flags: '-o, --output <file>', does: 'a new file; none is overwritten' },
        ],
        examples: [
          'noctule policy seed --owner it@acme.example --approver ciso@acme.example --output proposed.json',
          'noctule policy seed --owner it --approver ciso > proposed.json && noctule policy test --policy proposed.json',
        ],
        run: async (context, options: PolicySeedOptions) =>
          (await import('../commands/policy-seed.ts')).policySeedCommand(context, options),
      },
    ],
  };
}
