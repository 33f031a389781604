import { ConfigError } from '../connector/errors.ts';
import { citedBy, rulesCiting } from '../policy/citations.ts';
import { controlsCalled, type FoundControl } from '../policy/frameworks/catalogue.ts';
import type { FindingBody } from '../policy/findings.ts';
import type { FindingState } from '../policy/judged.ts';
import { totalOf } from '../policy/risk.ts';
import { RULES } from '../policy/rule-list.ts';
import { toldName } from '../policy/told-name.ts';
import type { Column } from '../report/column.ts';
import type { FindingsAbout, FindingView } from '../report/finding-view.ts';
import type { FindingFormat } from '../report/formats.ts';
import { NAMES, namesKept } from '../report/names.ts';
import type { FindingJudge } from '../store/judgement.ts';
import type { FindingQuery, FoundFinding, ListReader } from '../store/read.ts';
import { MOST_COUNTED } from '../store/read-findings.ts';
import { openLists } from '../store/read-lists.ts';
import { terminalText } from '../text/terminal.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { tellExport } from './export.ts';
import { momentOf, type MomentOptions } from './moment.ts';
import { deliver, deliverList, type Delivered, type OutputOptions } from './output.ts';
import { pageOf, tellMore, tellUnknown, tellUnread, toRead, withLimit, type SomePageOptions } from './page.ts';
import { notThere } from './pasted-id.ts';
import { policyNotice } from './policy-notice.ts';

export interface FindingsOptions extends CommonOptions, MomentOptions, OutputOptions, SomePageOptions {
  format: FindingFormat;
  state?: FindingState[];
  rule?: string[];
  /** Of rules that cite this control of a framework, as people write it. */
  control?: string;
  severity?: string[];
  product?: string;
  /** The part of a product before its slash. */
  vendor?: string[];
  connector?: string[];
  account?: string;
  app?: string;
  /** By which files: those by which the scan was judged, or the present ones. */
  judgeWith?: 'then' | 'current';
  /** At most so many of each rule: a first look over everything. */
  perRule?: number;
  /** `risk`: by the sum that `show` prints, whatever their severity; absent = by severity, then by what they can reach. */
  sort?: 'rank' | 'risk';
}

/** What still needs a decision, or is being decided. */
const OPEN: readonly FindingState[] = ['open', 'acknowledged'];

/** Lists what a person has to decide, the most powerful first. */
export async function findingsCommand(context: CommandContext, given: FindingsOptions): Promise<number> {
  const options = withLimit(given);
  const place = await locate(context, options);
  const { database, tenant } = place;
  const reader = openLists(database);
  try {
    const { state, rule, control, severity, product, vendor, connector, account, app, limit } = options;
    const unknown = rule?.find((id) => !Object.hasOwn(RULES, id));
    if (unknown !== undefined) throw (await import('./no-rule.ts')).noRule(unknown);
    const rules = control === undefined ? undefined : rulesCiting(cited(control));
    const filter = { states: state ?? OPEN, rule, rules, severity, product, vendor, connector, account, app };
    const moment = momentOf(reader, tenant, options, context.clock);
    const { scan, isFirst, asOf, until } = moment;
    const query = { ...filter, tenant, asOf };
    const after = options.after === undefined ? undefined : keyAfter(reader, tenant, options.after, asOf);
    // What is chosen or sorted afterwards is chosen from all.
    const isChosen = options.perRule !== undefined || options.sort === 'risk' || options.judgeWith === 'current';
    const whole = isChosen ? chosen(options, await judged(context, options, reader, query, { database, scanId: scan.id })) : undefined;
    const all = whole ? behind(whole, after) : reader.eachFinding({ ...query, after, limit: toRead(limit) });
    const page = pageOf(all, limit, ({ key }) => key);
    const isForPeople = options.format === 'table';
    // On a first scan everything is news at once: what belongs to one product is decided together.
    const found = isFirst && options.sort !== 'risk' && limit > 0 ? byProduct([...page]) : page;
    const fresh = { all: 0, ofScan: 0 };
    const assignments = reader.assignments(tenant, until);
    const views = viewsOf(found, assignments, (finding) => {
      fresh.all++;
      if (finding.firstScan === scan.id) fresh.ofScan++;
    });
    const names = namesKept(NAMES.findings, reader.personsCheck(tenant) !== undefined);
    const delivered = await write(context, options, views, {
      database,
      tenant,
      scan,
      names,
      isAssigned: [...assignments.values()].some(({ assigned }) => assigned !== ''),
    });
    tellMore(context, limit, page.next());
    tellUnread(context, reader, scan);
    await tellUnknown(context, place, options, page.taken());
    if (isForPeople && !context.quiet) {
      const newlySeen = isFirst ? 'newly seen' : 'new';
      const isPart = page.next() !== undefined || after !== undefined;
      const shown = isPart
        ? `${fresh.all} of ${whole?.length ?? counted(reader.countOfFindings({ ...query, limit: -1 }))} findings shown; of these`
        : `${fresh.all} findings,`;
      context.err(
        `${shown} ${fresh.ofScan} ${newlySeen} in the scan of ${scan.startedAt.slice(0, 16)}. \`noctule show <id>\` explains one.\n`,
      );
      if (asOf === undefined && place.policy !== undefined) context.err(await policyNotice(reader, place, context.clock.now()));
    }
    return await tellExport(context, place, { verb: 'findings', options: { ...options }, rows: page.taken(), names }, delivered);
  } finally {
    reader.close();
  }
}

/** Whoever reads twenty need not wait until fifty thousand are counted. */
function counted(findings: number): string {
  return findings > MOST_COUNTED ? `more than ${MOST_COUNTED}` : String(findings);
}

/** Findings in the form that was asked for, one after the other. */
async function write(
  context: CommandContext,
  { format, output }: FindingsOptions,
  views: Iterable<FindingView>,
  {
    database,
    tenant,
    scan,
    names,
    isAssigned,
  }: Pick<FindingsAbout, 'tenant' | 'scan' | 'names'> & { database: string; isAssigned: boolean },
): Promise<Delivered | undefined> {
  if (format !== 'sarif' && format !== 'ocsf')
    return deliverList(
      context,
      { format, ...(output !== undefined && { output }) },
      views,
      format === 'table' && !isAssigned ? COLUMNS : [...COLUMNS, ASSIGNED],
      {
        names,
        numbers: ['risk', 'holders'],
      },
    );
  const [{ VERSION }, { unreadSourcesOf }] = await Promise.all([import('./version.ts'), import('../store/read-unread.ts')]);
  const about: FindingsAbout = { version: VERSION, tenant, scan, rules: RULES, names, unread: unreadSourcesOf(database, scan.id) };
  const pieces =
    format === 'sarif' ? (await import('../report/sarif.ts')).sarif(views, about) : (await import('../report/ocsf.ts')).ocsf(views, about);
  return deliver(context, pieces, { format, output, names });
}

/** All findings that match, judged then or now. */
async function judged(
  context: CommandContext,
  options: FindingsOptions,
  reader: ListReader,
  query: Omit<FindingQuery, 'limit'> & Filter,
  { database, scanId }: { database: string; scanId: number },
): Promise<FoundFinding[]> {
  if (options.judgeWith !== 'current') return reader.findings({ ...query, limit: -1 });
  const { tenant, asOf: _asOf, after: _after, ...filter } = query;
  const judge = await judgeOfToday(context, options);
  const whole = (await import('../store/read.ts')).openReader(database);
  try {
    return whole.judgedAgain(tenant, scanId, judge).filter((finding) => matches(finding, filter));
  } finally {
    whole.close();
  }
}

function chosen({ sort, perRule }: FindingsOptions, matching: readonly FoundFinding[]): readonly FoundFinding[] {
  const sorted = sort === 'risk' ? byRisk(matching) : matching;
  return perRule === undefined ? sorted : firstOfEachRule(sorted, perRule);
}

/** The finding after which a page begins, by the id that a list prints of it. */
function keyAfter(reader: ListReader, tenant: string, after: string, asOf: number | undefined): string {
  const [found, another] = /^[0-9a-f]{8,32}$/.test(after) ? reader.findingsByPrefix(tenant, after, asOf) : [];
  if (!found || another) throw notThere(after);
  return found.key;
}

function behind(findings: readonly FoundFinding[], after: string | undefined): readonly FoundFinding[] {
  if (after === undefined) return findings;
  const at = findings.findIndex(({ key }) => key === after);
  if (at === -1) throw notThere(after);
  return findings.slice(at + 1);
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

type Filter = Omit<FindingQuery, 'tenant' | 'asOf' | 'after' | 'limit'> & {
  states: readonly FindingState[];
  vendor: readonly string[] | undefined;
};

function matches(finding: FoundFinding, { states, app, rules, vendor, ...rest }: Filter): boolean {
  const equal = Object.entries(rest).every(([key, asked]) => {
    const value = finding[key as keyof typeof rest];
    return asked === undefined || asked === value || (typeof asked !== 'string' && value !== null && asked.includes(value));
  });
  const ofRules = rules === undefined || rules.includes(finding.rule);
  const ofVendor = vendor === undefined || (finding.product !== null && vendor.includes(finding.product.split('/')[0]!));
  return equal && ofRules && ofVendor && states.includes(finding.state) && (app === undefined || finding.appId === app);
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

type Assignments = ReturnType<ListReader['assignments']>;

function* viewsOf(
  findings: Iterable<FoundFinding>,
  assignments: Assignments,
  seen: (finding: FoundFinding) => void,
): Generator<FindingView> {
  for (const finding of findings) {
    seen(finding);
    yield view(finding, assignments);
  }
}

function view(finding: FoundFinding, assignments: Assignments): FindingView {
  const controls = citedBy(finding.rule).map(({ id }) => id);
  const body = JSON.parse(finding.body) as FindingBody;
  const { assigned = '', comments = 0 } = assignments.get(finding.key) ?? {};
  return { ...finding, id: finding.key.slice(0, 8), body, risk: totalOf(body), assigned, comments, controls };
}

const COLUMNS: readonly Column<FindingView>[] = [
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
