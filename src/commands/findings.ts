import { ConfigError } from '../connector/index.ts';
import { citedBy, rulesCiting } from '../policy/citations.ts';
import { controlsCalled, type FoundControl } from '../policy/frameworks/catalogue.ts';
import { toldName, type FindingBody } from '../policy/findings.ts';
import type { FindingState } from '../policy/judged.ts';
import { totalOf } from '../policy/risk.ts';
import { RULES } from '../policy/rules.ts';
import type { Format } from '../report/formats.ts';
import { renderRows } from '../report/rows.ts';
import type { FindingJudge } from '../store/judgement.ts';
import { openReader, type FindingQuery, type FoundFinding, type Reader } from '../store/read.ts';
import { terminalText } from '../text/terminal.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { momentOf, type MomentOptions } from './moment.ts';

export interface FindingsOptions extends CommonOptions, MomentOptions {
  format: Format;
  state?: FindingState[];
  rule?: string;
  /** Of rules that cite this control of a framework, as people write it. */
  control?: string;
  severity?: string;
  product?: string;
  connector?: string;
  app?: string;
  /** By which files: those by which the scan was judged, or the present ones. */
  judgeWith?: 'then' | 'current';
  /** At most so many of each rule: a first look over everything. */
  perRule?: number;
  /** `risk`: by the sum that `show` prints, whatever their severity; absent = by severity, then by what they can reach. */
  sort?: 'rank' | 'risk';
  limit: number;
}

/** What still needs a decision, or is being decided. */
const OPEN: readonly FindingState[] = ['open', 'acknowledged'];

/** Lists what a person has to decide, the most powerful first. */
export async function findingsCommand(context: CommandContext, options: FindingsOptions): Promise<number> {
  const place = await locate(context, options);
  const { database, tenant } = place;
  const reader = openReader(database);
  try {
    const { state, rule, control, severity, product, connector, app, limit } = options;
    if (rule !== undefined && !Object.hasOwn(RULES, rule))
      throw new ConfigError(`There is no rule ${rule}`, { fix: `The rules are: ${Object.keys(RULES).join(', ')}.` });
    const rules = control === undefined ? undefined : rulesCiting(cited(control));
    const filter = { states: state ?? OPEN, rule, rules, severity, product, connector, app };
    const moment = momentOf(reader, tenant, options);
    const latest = moment.scan;
    const first = moment.isFirst;
    // What is chosen afterwards is chosen from all.
    const isCut = options.perRule !== undefined || options.sort === 'risk';
    const matching =
      options.judgeWith === 'current'
        ? reader.judgedAgain(tenant, latest.id, await judgeOfToday(context, options)).filter((finding) => matches(finding, filter))
        : reader.findings({ ...filter, tenant, asOf: moment.asOf, limit: isCut ? -1 : limit + 1 });
    const sorted = options.sort === 'risk' ? byRisk(matching) : matching;
    const ranked = options.perRule === undefined ? sorted : firstOfEachRule(sorted, options.perRule);
    // On a first scan everything is news at once: what belongs to one product is decided together.
    const found = (first && options.sort !== 'risk' ? byProduct(ranked) : ranked).slice(0, limit);
    const assignments = reader.assignments(tenant);
    const newlySeen = first ? 'newly seen' : 'new';
    const views = found.map((finding) => view(finding, assignments));
    const isPlain = options.format === 'table' && views.every(({ assigned }) => assigned === '');
    context.out(renderRows(options.format, views, isPlain ? COLUMNS : [...COLUMNS, ASSIGNED]));
    // A list that ends early must not pass for a whole one, in a pipe least of all.
    if (ranked.length > limit) context.err(`There are more than these ${limit}: ask for them with --limit.\n`);
    const fresh = found.filter((finding) => finding.firstScan === latest.id).length;
    if (options.format === 'table' && !context.quiet) {
      context.err(
        `${found.length} findings, ${fresh} ${newlySeen} in the scan of ${latest.startedAt.slice(0, 16)}. \`noctule show <id>\` explains one.\n`,
      );
      if (moment.asOf === undefined) context.err((await import('./policy-faults.ts')).policyNotice(place, context.clock.now()));
    }
    return 0;
  } finally {
    reader.close();
  }
}

/** The controls of a framework that a text means, where findings can speak of them at all. */
function cited(text: string): readonly FoundControl[] {
  const controls = controlsCalled(text);
  const [first] = controls;
  if (!first)
    throw new ConfigError(`The catalogue of frameworks has no ${terminalText(text)}`, {
      fix: 'docs/governance.md lists the ids that it has.',
    });
  if (controls.some(({ by }) => by === 'findings')) return controls;
  throw new ConfigError(`No finding speaks of ${first.id}, ${first.title}`, { fix: `${WHY_NOT[first.by]}: ${first.evidence}.` });
}

const WHY_NOT: Readonly<Record<FoundControl['by'], string>> = {
  findings: 'Findings do',
  scan: 'It is what scanning itself performs',
  declared: 'It has to be declared',
  none: 'Nothing that is read speaks of it',
};

/** Loaded where it is asked for: findings as they were judged need no connector. */
async function judgeOfToday(context: CommandContext, options: CommonOptions): Promise<FindingJudge> {
  return (await import('./present-judge.ts')).presentJudge(context, options);
}

type Filter = Omit<FindingQuery, 'tenant' | 'asOf' | 'limit'> & { states: readonly FindingState[] };

function matches(finding: FoundFinding, { states, app, rules, ...rest }: Filter): boolean {
  const equal = Object.entries(rest).every(([key, value]) => value === undefined || finding[key as keyof typeof rest] === value);
  const ofRules = rules === undefined || rules.includes(finding.rule);
  return equal && ofRules && states.includes(finding.state) && (app === undefined || finding.appId === app);
}

function firstOfEachRule(ranked: readonly FoundFinding[], most: number): FoundFinding[] {
  const seen = new Map<string, number>();
  return ranked.filter((finding) => {
    const number = (seen.get(finding.rule) ?? 0) + 1;
    seen.set(finding.rule, number);
    return number <= most;
  });
}

function byRisk(ranked: readonly FoundFinding[]): FoundFinding[] {
  const weighed = ranked.map((finding) => ({ finding, risk: totalOf(JSON.parse(finding.body) as FindingBody) }));
  // Of equals the order stays.
  return weighed.sort((a, b) => b.risk - a.risk).map(({ finding }) => finding);
}

/** Groups in the order of their most powerful finding. */
function byProduct(ranked: readonly FoundFinding[]): FoundFinding[] {
  return [...Map.groupBy(ranked, (finding) => finding.product ?? `${finding.connector} ${finding.appId}`).values()].flat();
}

/** A finding as machines get it: every field, with the body spelled out. */
interface FindingView extends Omit<FoundFinding, 'body'> {
  id: string;
  body: FindingBody;
  /** The sum that `show` prints part by part. */
  risk: number;
  /** Who looks after it; '' = nobody. */
  assigned: string;
  comments: number;
  /** Ids of frameworks that its rule cites. */
  controls: readonly string[];
}

function view(finding: FoundFinding, assignments: ReturnType<Reader['assignments']>): FindingView {
  const controls = citedBy(finding.rule).map(({ id }) => id);
  const body = JSON.parse(finding.body) as FindingBody;
  const { assigned = '', comments = 0 } = assignments.get(finding.key) ?? {};
  return { ...finding, id: finding.key.slice(0, 8), body, risk: totalOf(body), assigned, comments, controls };
}

const COLUMNS: readonly { title: string; of(finding: FindingView): string | number }[] = [
  { title: 'id', of: (finding) => finding.id },
  { title: 'severity', of: (finding) => finding.severity },
  { title: 'risk', of: (finding) => finding.risk },
  { title: 'rule', of: (finding) => finding.rule },
  { title: 'app', of: (finding) => toldName(finding.body.productName, finding.name) },
  { title: 'where', of: (finding) => `${finding.connector} ${finding.account}` },
  { title: 'holders', of: (finding) => finding.body.holders.count },
  { title: 'can', of: (finding) => finding.body.can[0] ?? 'nothing that is known' },
  {
    title: 'state',
    of: (finding) =>
      finding.unverifiedSince === null ? finding.state : `${finding.state}, unverified since ${finding.unverifiedSince.slice(0, 10)}`,
  },
];

/** Told where there is something to tell; files for machines have it always. */
const ASSIGNED: (typeof COLUMNS)[number] = { title: 'assigned', of: (finding) => finding.assigned };
