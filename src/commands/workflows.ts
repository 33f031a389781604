import { toldName } from '../policy/told-name.ts';
import { metricsOf } from '../policy/metrics.ts';
import { belongs, workflowMap, type MappedApp, type MappedWorkflow } from '../policy/workflow-map.ts';
import { NAMES, namesKept } from '../report/names.ts';
import { table } from '../report/table.ts';
import { openReader, type Reader } from '../store/read.ts';
import { jsonText } from '../text/json.ts';
import { terminalText } from '../text/terminal.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { identitiesOf, keyOfIdentity } from './identities.ts';
import { percent, readBehind, readCell, readHead } from './metrics-text.ts';
import { sum } from './metrics.ts';
import { momentOf, type Moment, type MomentOptions } from './moment.ts';
import { policyAt } from './policy-at.ts';

export interface WorkflowsOptions extends CommonOptions, MomentOptions {
  format: 'table' | 'json';
}

/** The workflow map: what is declared, joined with what was found, and what is missing. */
export async function workflowsCommand(context: CommandContext, options: WorkflowsOptions): Promise<number> {
  const place = await locate(context, options);
  const { database, tenant } = place;
  const reader = openReader(database);
  try {
    const moment = momentOf(reader, tenant, options, context.clock);
    const { policy, currentId } = policyAt(reader, place, moment, context.err);
    const declared = policy.workflows ?? [];
    const apps = await appsOf(reader, tenant, moment, currentId);
    const { workflows, coverage, outside } = workflowMap(declared, apps);
    const unread = sum(reader.unread(tenant, moment.scan.id));
    const owing = workflows.map((one, index) => ({
      ...one,
      trustDebt: metricsOf(apps.filter((app) => belongs(declared[index]!, app))).trustDebt,
    }));
    if (options.format === 'json') {
      const left = outside.map(({ connector, account, appId, name, product }) => ({ connector, account, appId, name, product }));
      const names = namesKept(NAMES.workflows, reader.personsCheck(tenant) !== undefined);
      context.out(`${jsonText({ names, scan: moment.scan, unread, coverage, workflows: owing, outside: left }, 2)}\n`);
      return 0;
    }
    context.out(
      table(
        [...HEAD, ...readHead(unread)],
        owing.map((one) => [...line(one), ...readCell(unread)]),
        90,
      ) + owing.flatMap(lacking).join(''),
    );
    if (context.quiet) return 0;
    context.err(`Coverage: ${percent(coverage)} of AI integrations belong to a workflow${readBehind(unread)}.\n`);
    if (declared.length === 0) context.err('No workflow is declared: "workflows" of policy.json holds them.\n');
    return 0;
  } finally {
    reader.close();
  }
}

const HEAD = ['workflow', 'process', 'integrations', 'trust debt', 'holders', 'data', 'owners', 'gates', 'missing'];

function line(one: MappedWorkflow & { trustDebt: number }): (string | number)[] {
  const { integrations, holders, data, owners, approvalPoints, reviewPoints } = one;
  return [
    one.id,
    one.businessProcess,
    integrations.map(({ product, name }) => toldName(product ?? undefined, name)).join(', '),
    one.trustDebt.toFixed(1),
    Object.entries(holders)
      .map(([of, count]) => `${count} ${of}`)
      .join(', '),
    data.reached.join(', '),
    Object.entries(owners)
      .map(([what, who]) => `${what}: ${who}`)
      .join(', '),
    [...approvalPoints.map((point) => `approval: ${point}`), ...reviewPoints.map((point) => `review: ${point}`)].join(', '),
    one.missing.length,
  ];
}

function lacking({ id, missing }: MappedWorkflow): string[] {
  return missing.length === 0 ? [] : [`\nMissing of ${id}:\n`, ...missing.map((what) => `  ${terminalText(what, 400)}\n`)];
}

async function appsOf(reader: Reader, tenant: string, { asOf, until }: Moment, currentId: (id: string) => string): Promise<MappedApp[]> {
  const identities = await identitiesOf(reader, tenant, asOf, until);
  const known = new Map(identities.flatMap((one) => [one.id, ...one.aliases].map((id) => [keyOf(one, id), one] as const)));
  const holders = Map.groupBy(reader.holders(tenant, asOf), (row) => keyOf(row, row.appId));
  const states = ['open', 'acknowledged', 'excepted'] as const;
  const gateless = reader.findings({ tenant, states, rule: 'no-approval-gate', asOf, limit: -1 });
  const withoutGate = new Set(gateless.map((finding) => keyOf(finding, finding.appId)));
  return reader.supervised(tenant, asOf).map(({ firstSeen: _firstSeen, ...row }) => {
    const own = holders.get(keyOf(row, row.appId)) ?? [];
    return {
      ...row,
      product: row.product === null ? null : currentId(row.product),
      holders: new Map(
        own.map((holder) => {
          const identity = known.get(keyOf(holder, holder.id));
          return [identity?.key ?? keyOfIdentity(holder), identity?.class ?? 'unclear'];
        }),
      ),
      withoutGate: withoutGate.has(keyOf(row, row.appId)),
    };
  });
}

function keyOf({ connector, account }: { connector: string; account: string }, id: string): string {
  return JSON.stringify([connector, account, id]);
}
