import { lookupForm } from '../catalog/catalog.ts';
import type { Flag } from '../catalog/match.ts';
import { sourcesOf } from '../catalog/sources.ts';
import { holdersInQuestion, triedBy, type Tried } from '../policy/attempts.ts';
import type { Kind } from '../connector/index.ts';
import { citedBy } from '../policy/citations.ts';
import type { FindingBody } from '../policy/findings.ts';
import { summandsOf, totalOf } from '../policy/risk.ts';
import type { Recognised } from '../policy/standing.ts';
import { NAMES, namesKept } from '../report/names.ts';
import { stampText } from '../report/stamp.ts';
import type { ObservationBody, VolatileBody } from '../scan/rows.ts';
import type { FoundFinding, ListReader, ObservationView } from '../store/read.ts';
import type { KeptAct } from '../store/read-acts.ts';
import { jsonText } from '../text/json.ts';
import { terminalText } from '../text/terminal.ts';
import type { CommandContext } from './context.ts';
import type { Moment } from './moment.ts';
import { findingNamed } from './finding-named.ts';
import { decidedOf } from './show-decided.ts';
import { decisionAbout } from './show-policy.ts';
import { entryLines } from './show-entries.ts';
import { field, holderLines } from './show-field.ts';
import type { ShowOptions } from './show.ts';

/** How much of the evidence is printed. */
const SHOWN = 20;
/** How much is read, and held by `--format json`. */
const MOST = 5_000;

/** Explains one finding, by the beginning of its id or by the id of its app. */
export async function showFinding(
  context: CommandContext,
  reader: ListReader,
  { id, tenant, asOf, until, scan }: { id: string; tenant: string } & Pick<Moment, 'asOf' | 'until' | 'scan'>,
  format: ShowOptions['format'],
): Promise<void> {
  const finding = findingNamed(reader, tenant, id, asOf);
  const app = { tenant, ...appOf(finding) };
  const evidence = reader.observationsOfApp(app, MOST, asOf);
  const told = { acts: reader.acts(finding.key, until), reopened: reader.reopened(finding.key, asOf) };
  const evidenceCount = reader.countOfApp(app, asOf);
  const tried = await triedOf(reader, app, evidence, asOf);
  const { decidedBy, lines: decision } = await decisionAbout(reader, scan, recognised(finding));
  if (format === 'json') {
    const body = JSON.parse(finding.body) as FindingBody;
    const controls = citedBy(finding.rule).map(({ framework, id: control, title }) => ({ framework, id: control, title }));
    context.out(
      `${jsonText({ names: namesKept(NAMES.show, reader.personsCheck(tenant) !== undefined), ...finding, body, controls, acts: told.acts, reopened: told.reopened ?? null, decidedBy, tried, evidenceCount, evidence: evidence.map(parsed) }, 2)}\n`,
    );
  } else context.out(explanation(finding, evidence, evidenceCount, { ...told, tried, decision }));
  // Evidence that ends early must not pass for all of it.
  if (evidenceCount > evidence.length) context.err(`Of ${evidenceCount} pieces of evidence the first ${evidence.length} were read.\n`);
}

function appOf({ connector, account, appId }: FoundFinding) {
  return { connector, account, appId };
}

function recognised(finding: FoundFinding): Recognised {
  const { match, product } = JSON.parse(finding.body) as FindingBody;
  return { ...appOf(finding), match: { grade: match.grade as Recognised['match']['grade'], ...(product !== undefined && { product }) } };
}

function parsed(view: ObservationView) {
  return {
    ...view,
    body: JSON.parse(view.body) as ObservationBody,
    volatile: view.volatile === null ? null : (JSON.parse(view.volatile) as VolatileBody),
  };
}

/** Of as many holders it is told what they tried. */
const ASKED = 20;

/** What those who can use AI services last tried of them; of the past it is unknown. */
async function triedOf(
  reader: ListReader,
  app: { tenant: string; connector: string; account: string },
  evidence: readonly ObservationView[],
  asOf: number | undefined,
): Promise<Tried[]> {
  const live = evidence.filter(({ mode, state }) => mode === 'inventory' && state !== 'gone');
  const held = live.map((view) => {
    const { attributes, principal: holder } = parsed(view).body;
    return { kind: view.kind as Kind, attributes, ...(holder && { holder }) };
  });
  const holders = holdersInQuestion(held).slice(0, ASKED);
  if (holders.length === 0) return [];
  const facts = asOf === undefined ? reader.attempts(app, holders) : [];
  // Connectors bring their schemas with them, and most findings need none.
  const { loadConnectors } = await import('../scan/registry.ts');
  const connector = (await loadConnectors()).find(({ id }) => id === app.connector);
  return triedBy(holders, facts, (id) => connector?.sortOf?.(id));
}

function explanation(
  finding: FoundFinding,
  evidence: readonly ObservationView[],
  evidenceCount: number,
  told: {
    acts: readonly KeptAct[];
    reopened: { at: string; detail: string } | undefined;
    tried: readonly Tried[];
    /** What the policy says of the app. */
    decision: readonly string[];
  },
): string {
  const body = JSON.parse(finding.body) as FindingBody;
  const lines = [
    `${finding.severity.toUpperCase()}  ${terminalText(finding.title)}`,
    `${body.why}`,
    '',
    ...body.details.map((detail) => `  - ${terminalText(detail)}`),
    '',
    field('Finding', `${finding.key}  (${finding.rule}, ${finding.state})`),
    field('Where', `${finding.connector}, account ${terminalText(finding.account)}`),
    field('App', `${terminalText(finding.name)}, id ${terminalText(finding.appId)}`),
    ...(finding.credentialId === null ? [] : [field('Credential', terminalText(finding.credentialId))]),
    field(
      'Product',
      body.product
        ? `${terminalText(`${body.productName} (${body.product})`)}, match ${body.match.grade}`
        : `unknown, match ${body.match.grade}`,
    ),
    ...body.match.reasons.map((reason) => field('', terminalText(reason))),
    ...body.match.flags.map((flag) => field('', FLAGS[flag])),
    ...sourcesFor(body.product, evidence).map((url, index) => field(index === 0 ? 'Read there' : '', terminalText(url, 500))),
    field('It can', body.can.length === 0 ? 'nothing that is known' : terminalText(body.can[0]!)),
    ...body.can.slice(1).map((can) => field('', terminalText(can))),
    ...holderLines(body.holders),
    ...decidedLines(evidence),
    ...told.decision,
    ...riskLines(body),
    field('Since', stampText(body.since)),
    field('Last used', stampText(body.lastUsed)),
    ...triedLines(told.tried),
    field('First seen', `${finding.firstSeen.slice(0, 10)} (by Noctule)`),
    ...(finding.unverifiedSince === null
      ? []
      : [field('Unverified', `since ${finding.unverifiedSince.slice(0, 10)}: what it rests on could not be read`)]),
    ...actLines(told.acts),
    ...(told.reopened && finding.state === 'open'
      ? [field('Open again', `since ${told.reopened.at.slice(0, 10)}: ${terminalText(told.reopened.detail, 500)}`)]
      : []),
    ...controlLines(finding.rule),
    '',
    'What to do',
    `  ${terminalText(body.remedy, 1000)}`,
    ...(body.steps === undefined ? [] : [`  ${terminalText(body.steps, 1000)}`]),
    ...placesToLook(evidence).map((url) => `  ${terminalText(url, 500)}`),
    '',
    ...entryLines(finding.key, body),
    '',
    `Evidence (${evidenceCount}${evidenceCount > SHOWN ? `, the first ${SHOWN}` : ''})`,
    ...evidence.slice(0, SHOWN).map(evidenceLine),
  ];
  return `${lines.join('\n')}\n`;
}

const FLAGS: Readonly<Record<Flag, string>> = {
  name_differs: 'its id is known, and it calls itself something else: renamed, or impersonating',
  disguised: 'its name only reads so once look-alike or invisible characters are taken out',
  id_differs: 'it bears the name of a known app under an id that is not known to be its own: another app of the vendor, or impersonating',
};

/** A line a decision. */
function decidedLines(evidence: readonly ObservationView[]): string[] {
  const standing = evidence.filter(({ mode, state }) => mode === 'inventory' && state !== 'gone');
  const decided = decidedOf(standing.map((view) => parsed(view).body)).slice(0, SHOWN_DECISIONS);
  return decided.map((text, index) => field(index === 0 ? 'Decided' : '', terminalText(text)));
}

const SHOWN_DECISIONS = 5;

/** The sum, and a line a summand. */
function riskLines(body: FindingBody): string[] {
  const summands = summandsOf(body);
  if (summands.length === 0) return [];
  return [
    field('Risk', `${totalOf(body)} =`),
    ...summands.map(({ points, why, unknown }) =>
      field('', `${`+${points}`.padStart(4)}  ${terminalText(why)}${unknown ? '  (unknown)' : ''}`),
    ),
  ];
}

/** A line a holder. */
function triedLines(tried: readonly Tried[]): string[] {
  return tried.slice(0, SHOWN_HOLDERS).map((one, index) => field(index === 0 ? 'Tried AI' : '', terminalText(triedText(one))));
}

const SHOWN_HOLDERS = 5;

function triedText({ holder, is, services, tracked }: Tried): string {
  if (is === 'unknown' || !tracked) return `${holder}: unknown, no report on it was read`;
  const { from, until } = tracked;
  if (is === 'not-tried') return `${holder}: not in the tracking period, ${from} to ${until}`;
  const told = services.slice(0, 3).map(({ service, at }) => `${service} on ${at.slice(0, 10)}`);
  return `${holder}: ${told.join(', ')}; refused attempts count (told until ${until})`;
}

/** A line an act of an analyst, and first who looks after it. */
function actLines(acts: readonly KeptAct[]): string[] {
  const assigned = acts.findLast(({ act }) => act === 'assigned')?.text ?? '';
  return [
    ...(assigned === '' ? [] : [field('Assigned', terminalText(assigned))]),
    ...acts.map(({ act, text, actor, at }, index) => {
      const whom = act === 'assigned' ? ` to ${text === '' ? 'nobody' : terminalText(text)}` : '';
      const words = act === 'assigned' || text === '' ? '' : `: ${terminalText(text, 500)}`;
      return field(index === 0 ? 'History' : '', `${at.slice(0, 10)} ${act}${whom} by ${terminalText(actor)}${words}`);
    }),
  ];
}

/** A line a framework. */
function controlLines(rule: string): string[] {
  const byFramework = Map.groupBy(citedBy(rule), ({ framework }) => framework);
  return [...byFramework].map(([framework, controls], index) =>
    field(index === 0 ? 'Controls' : '', `${framework}: ${controls.map(({ id }) => id).join(', ')}`),
  );
}

function evidenceLine(view: ObservationView): string {
  const { body, volatile } = parsed(view);
  const who = body.principal ? terminalText(body.principal.name) : terminalText(body.subject.name);
  const standing = body.principal?.standing && body.principal.standing !== 'active' ? `, ${body.principal.standing}` : '';
  const used = volatile?.lastUsedAt ? `, last used ${stampText(volatile.lastUsedAt)}` : '';
  const { state, event } = body.attributes;
  const word = view.kind === 'control' ? (state ?? event) : undefined;
  const said = typeof word === 'string' ? `, ${terminalText(word)}` : '';
  const granted = body.grantedAt ? `, granted ${stampText(body.grantedAt)}` : '';
  const expires = body.expiresAt ? `, expires ${stampText(body.expiresAt)}` : '';
  const { bytes, repositories } = volatile?.attributes ?? {};
  const taken = typeof bytes === 'string' ? `, took ${terminalText(bytes)} bytes` : '';
  const given = typeof repositories === 'number' ? `, given to ${repositories.toLocaleString('en')} chosen repositories` : '';
  return `  ${view.state.padEnd(10)} ${view.kind}  ${who}${standing}${said}${given}${granted}${used}${taken}${expires}  [${view.collector}]`;
}

/** Where a reader can check that it is the product: what the catalog cites for the identifiers that were seen. */
function sourcesFor(product: string | undefined, evidence: readonly ObservationView[]): string[] {
  if (product === undefined) return [];
  const sources = sourcesOf(product);
  const seen = evidence.flatMap((view) => parsed(view).body.signals);
  return [...new Set(seen.flatMap(({ type, value }) => sources.get(`${type} ${lookupForm(type, value)}`) ?? []))].slice(0, 3);
}

/** Pages of the provider's console where it can be reviewed and taken away; those of inventories first, as they show what is there. */
function placesToLook(evidence: readonly ObservationView[]): string[] {
  const listed = evidence.filter(({ mode, state }) => mode === 'inventory' && state !== 'gone');
  const urls = (listed.length > 0 ? listed : evidence).flatMap((view) => parsed(view).body.evidence.url ?? []);
  return [...new Set(urls)].slice(0, 3);
}
