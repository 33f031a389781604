import type { Reach } from './integration.ts';
import type { Share } from './metrics.ts';
import { holdsHere } from './standing.ts';
import type { Supervision } from './supervision.ts';
import type { Workflow } from './workflow.ts';

/** An AI integration that is there, with who holds it. */
export interface MappedApp {
  connector: string;
  account: string;
  appId: string;
  name: string;
  product: string | null;
  reach: readonly Pick<Reach, 'dataClass' | 'access' | 'known'>[];
  supervision?: Supervision;
  /** Keys of holders, as `show` takes them, and the class of each. */
  holders: ReadonlyMap<string, string>;
  /** A rule names it as one that nobody has to approve. */
  withoutGate: boolean;
}

/** A workflow as it is declared, joined with what was found. */
export interface MappedWorkflow {
  id: string;
  businessProcess: string;
  integrations: readonly Pick<MappedApp, 'connector' | 'account' | 'appId' | 'name' | 'product'>[];
  /** How many hold it, by class; who holds two of its integrations counts once. */
  holders: Readonly<Record<string, number>>;
  /** Who they are, by keys that are no names. */
  holderKeys: readonly string[];
  data: { declared: readonly string[]; reached: readonly string[] };
  owners: NonNullable<Workflow['owners']>;
  approvalPoints: readonly string[];
  reviewPoints: readonly string[];
  /** What is missing, in words. */
  missing: readonly string[];
}

export interface WorkflowMap<App> {
  workflows: readonly MappedWorkflow[];
  /** Of all AI integrations, those that belong to a workflow. */
  coverage: Share;
  outside: readonly App[];
}

/** Joins the declared workflows with what was found. Pure. */
export function workflowMap<App extends MappedApp>(workflows: readonly Workflow[], apps: readonly App[]): WorkflowMap<App> {
  const outside = apps.filter((app) => workflowsOf(workflows, app).length === 0);
  return {
    workflows: workflows.map((entry) =>
      mapped(
        entry,
        apps.filter((app) => belongs(entry, app)),
      ),
    ),
    coverage: { part: apps.length - outside.length, of: apps.length },
    outside,
  };
}

/** Ids of the workflows that an app belongs to. */
export function workflowsOf(workflows: readonly Workflow[], app: Parameters<typeof belongs>[1]): string[] {
  return workflows.filter((entry) => belongs(entry, app)).map(({ id }) => id);
}

/** A workflow says where AI is used, and approves nothing: a product that is known by its name alone belongs to it, too. */
export function belongs(entry: Workflow, app: Pick<MappedApp, 'connector' | 'account' | 'appId' | 'product'>): boolean {
  const isNamed = entry.apps?.includes(app.appId) || (app.product !== null && entry.products?.includes(app.product));
  return isNamed === true && holdsHere(entry, app);
}

function mapped(entry: Workflow, own: readonly MappedApp[]): MappedWorkflow {
  const { id, businessProcess, data = [], owners = {}, approvalPoints = [], reviewPoints = [] } = entry;
  const holders = new Map(own.flatMap((app) => [...app.holders]));
  const reached = [...new Set(own.flatMap(({ reach }) => reach.map(({ dataClass }) => dataClass)))].sort();
  return {
    id,
    businessProcess,
    integrations: own.map(({ connector, account, appId, name, product }) => ({ connector, account, appId, name, product })),
    holders: classesOf([...holders.values()]),
    holderKeys: [...holders.keys()].sort(),
    data: { declared: data, reached },
    owners,
    approvalPoints,
    reviewPoints,
    missing: missing(entry, own, reached),
  };
}

function classesOf(all: readonly string[]): Record<string, number> {
  return Object.fromEntries([...new Set(all)].sort().map((of) => [of, all.filter((one) => one === of).length]));
}

function missing(
  { owners, data, approvalPoints, reviewPoints }: Workflow,
  own: readonly MappedApp[],
  reached: readonly string[],
): string[] {
  const beyond = reached.filter((one) => one !== 'profile' && data !== undefined && !(data as readonly string[]).includes(one));
  const unsanctioned = own.filter(({ supervision }) => supervision?.sanctioned !== true).length;
  const unknown = own.filter(({ reach }) => reach.length === 0 || reach.some(({ known }) => !known)).length;
  const withoutGate = own.filter((app) => app.withoutGate).length;
  return [
    ...(own.length === 0 ? ['nothing of it was found'] : []),
    ...(owners?.business === undefined ? ['business owner'] : []),
    ...(owners?.control === undefined ? ['control owner'] : []),
    ...(owners?.security === undefined && owners?.legal === undefined ? ['security or legal owner'] : []),
    ...(data === undefined ? ['classes of data'] : []),
    ...(approvalPoints === undefined ? ['approval point'] : []),
    ...(reviewPoints === undefined ? ['review point'] : []),
    ...(beyond.length > 0 ? [`reaches more than is declared: ${beyond.join(', ')}`] : []),
    ...(unsanctioned > 0 ? [`approval in force for ${unsanctioned} of ${own.length}`] : []),
    ...(unknown > 0 ? [`meaning of all permissions of ${unknown}`] : []),
    ...(withoutGate > 0 ? [`gate for ${withoutGate} that may go around one`] : []),
  ];
}
