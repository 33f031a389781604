/** What a workflow uses and may do, as far as its text says. */
export interface WorkflowFacts {
  /** `owner/repo` of each action and reusable workflow, without path and version, and what the jobs that use it may do. */
  actions: ReadonlyMap<string, string[]>;
  /** What the jobs that are given AI models may do. */
  models: string[];
  triggers: string[];
  /** Names alone; `*` = all that there are. */
  secrets: string[];
  environments: string[];
}

/** Said nowhere, so what a workflow may do is what the repository or the organisation gives: to read, or to change nearly everything. */
const DEFAULT = 'repository.default';
const ACTION = /^["']?([\w.-]{1,100}\/[\w.-]{1,100})(?:\/[^@\s"']*)?@/;
const SECRET = /\bsecrets(?:\.([A-Za-z_]\w{0,99})|\[\s{0,9}["']([A-Za-z_]\w{0,99})["']\s{0,9}\])/g;
const ALL_SECRETS = /\btojson\(\s{0,9}secrets\s{0,9}\)/i;
const EVERY = '*';
/** GitHub knows less than twenty. */
const MOST_PERMISSIONS = 100;

/**
 * Reads the few things of a workflow that matter here from its lines: no program text is kept, and what is written in
 * an unusual way (a job or a step as a flow map over several lines) may be missed.
 */
export function workflowFacts(text: string): WorkflowFacts {
  const lines = linesOf(text);
  const top = fieldsOf(lines, 0, lines.length, 0);
  const anchors = new Map<string, string[]>();
  const usual = permissionsOf(top, anchors) ?? [DEFAULT];
  const jobs = [...jobsOf(lines)].map(({ fields, uses }) => ({ fields, uses, permissions: permissionsOf(fields, anchors) ?? usual }));
  const actions = new Map<string, Set<string>>();
  for (const { uses, permissions } of jobs)
    for (const action of uses) {
      const may = actions.get(action) ?? new Set();
      actions.set(action, may);
      for (const permission of permissions) may.add(permission);
    }
  const models = jobs.filter(({ permissions }) => permissions.some((each) => each.startsWith('repository.models:')));
  const inherits = jobs.some(({ fields }) => fields.some(({ key, value }) => key === 'secrets' && unquoted(value) === 'inherit'));
  return {
    actions: new Map([...actions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([action, may]) => [action, unique(may)])),
    models: unique(models.flatMap(({ permissions }) => permissions)),
    triggers: unique(top.filter(({ key }) => key === 'on').flatMap(namesIn)),
    secrets: unique([
      ...[...text.matchAll(SECRET)].map(([, dotted, quoted]) => (dotted ?? quoted)!),
      ...(inherits || ALL_SECRETS.test(text) ? [EVERY] : []),
    ]),
    environments: unique(jobs.flatMap(({ fields }) => fields.filter(({ key }) => key === 'environment').flatMap(environmentIn))),
  };
}

/** A line that says something; those of texts over several lines are left out. */
interface Line {
  /** Spaces before it, and where its first key begins: behind the dashes of a list. */
  indent: number;
  column: number;
  text: string;
}

function linesOf(text: string): Line[] {
  const found: Line[] = [];
  /** The column of the key whose text over several lines is passed by. */
  let passing = -1;
  for (const raw of text.split(/\r?\n/)) {
    const indent = raw.search(/\S/);
    if (indent < 0 || (passing >= 0 && indent > passing) || raw[indent] === '#') continue;
    passing = -1;
    const column = indent + /^(?:-(?:\s+|$))*/.exec(raw.slice(indent))![0].length;
    const line = { indent, column, text: raw.slice(column).trimEnd() };
    found.push(line);
    if (/^[|>][-+\d]{0,3}$/.test(fieldIn(line.text)?.value ?? '')) passing = column > indent ? indent : column;
  }
  return found;
}

/** One key of a map, and what is said of it: behind it, and in the lines below. */
interface Field {
  key: string;
  value: string;
  below: readonly Line[];
}

/** The keys of the map that begins with a line of that column, up to where it ends. */
function fieldsOf(lines: readonly Line[], from: number, until: number, column: number): Field[] {
  const at: number[] = [];
  for (let index = from; index < until; index++) if (lines[index]!.column === column && lines[index]!.indent === column) at.push(index);
  return at.flatMap((index, place) => {
    const field = fieldIn(lines[index]!.text);
    return field ? [{ ...field, below: lines.slice(index + 1, at[place + 1] ?? until) }] : [];
  });
}

/** `key: value`, without a comment behind it. */
function fieldIn(text: string): Pick<Field, 'key' | 'value'> | undefined {
  const quote = text[0] === '"' || text[0] === "'" ? text[0] : undefined;
  const end = quote === undefined ? -1 : text.indexOf(quote, 1);
  const colon = text.slice(end + 1).search(/:(?:\s|$)/);
  if (colon < 0 || (quote !== undefined && end < 0)) return undefined;
  const key = unquoted(text.slice(0, end + 1 + colon).trimEnd());
  return { key, value: bare(text.slice(end + 2 + colon)) };
}

/** Without a comment, and without the name that a value is given for others to point to. */
function bare(value: string): string {
  const trimmed = value.trimStart();
  const end = /^["']/.test(trimmed) ? trimmed.indexOf(trimmed[0]!, 1) + 1 : 0;
  const comment = trimmed[0] === '#' ? 0 : trimmed.slice(end).search(/\s#/);
  return (comment < 0 ? trimmed : trimmed.slice(0, comment === 0 && end === 0 ? 0 : end + comment)).trimEnd();
}

function unquoted(text: string): string {
  const [first] = text;
  return (first === '"' || first === "'") && text.length > 1 && text.endsWith(first) ? text.slice(1, -1) : text;
}

/** Each job with its own keys, and the actions that it uses. What has no jobs is read as one. */
function* jobsOf(lines: readonly Line[]): Generator<{ fields: Field[]; uses: string[] }> {
  const jobs = fieldsOf(lines, 0, lines.length, 0).find(({ key }) => key === 'jobs')?.below ?? [];
  const each = jobs[0] ? fieldsOf(jobs, 0, jobs.length, jobs[0].column) : [];
  if (each.length === 0) yield { fields: [], uses: lines.flatMap(usesIn) };
  for (const { below } of each)
    yield { fields: below[0] ? fieldsOf(below, 0, below.length, below[0].column) : [], uses: below.flatMap(usesIn) };
}

function usesIn({ text }: Line): string[] {
  const said = text.startsWith('{') ? entriesOf(text) : [fieldIn(text)];
  return said.flatMap((field) => (field?.key === 'uses' ? (ACTION.exec(field.value)?.[1]?.toLowerCase() ?? []) : []));
}

/** undefined = nothing is said, and the default holds; none at all is said by an empty map. */
function permissionsOf(fields: readonly Field[], anchors: Map<string, string[]>): string[] | undefined {
  const field = fields.find(({ key }) => key === 'permissions');
  if (!field) return undefined;
  const [, sign, name = '', value = ''] = /^([&*])([^\s]{1,100})\s*(.*)$/.exec(field.value) ?? ['', '', '', field.value];
  if (sign === '*') return anchors.get(name) ?? [DEFAULT];
  const all = /^["']?(write|read)-all["']?$/.exec(value)?.[1];
  const entries = value === '' ? childrenOf(field) : entriesOf(flowOf(value, field.below));
  const said = all === undefined ? entries.slice(0, MOST_PERMISSIONS).flatMap(permissionIn) : [`repository.all:${all}`];
  if (sign === '&') anchors.set(name, said);
  return said;
}

/** Workflows write hyphens where Apps write underscores: `pull-requests`, `pull_requests`. */
function permissionIn({ key, value }: Pick<Field, 'key' | 'value'>): string[] {
  const level = unquoted(value);
  return /^[a-z-]{1,100}$/.test(key) && (level === 'read' || level === 'write') ? [`repository.${key.replaceAll('-', '_')}:${level}`] : [];
}

/** The names of events: one, a list of them, or the keys of a map. */
function namesIn(field: Field): string[] {
  const { value, below } = field;
  const items = below
    .filter(({ indent, column }) => column > indent && indent === below[0]!.indent)
    .map(({ text }) => unquoted(bare(text)));
  const said =
    value !== ''
      ? /^[[{]/.test(value)
        ? entriesOf(flowOf(value, below)).map(({ key }) => key)
        : [unquoted(value)]
      : items.length > 0
        ? items.map((item) => fieldIn(item)?.key ?? item)
        : childrenOf(field).map(({ key }) => key);
  return said.filter((name) => /^[a-z_]{1,100}$/.test(name));
}

/** An environment stands behind its key, or has a name and an address. */
function environmentIn(field: Field): string[] {
  const { value, below } = field;
  const entries = value.startsWith('{') ? entriesOf(flowOf(value, below)) : childrenOf(field);
  const name = value !== '' && !value.startsWith('{') ? value : entries.find(({ key }) => key === 'name')?.value;
  return name === undefined || name === '' ? [] : [unquoted(name).slice(0, 255)];
}

function childrenOf({ below }: Field): Field[] {
  return below[0] ? fieldsOf(below, 0, below.length, below[0].column) : [];
}

/** A flow map or list that goes on in the lines below. */
function flowOf(value: string, below: readonly Line[]): string {
  return isClosed(value) ? value : [value, ...below.map(({ text }) => bare(text))].join(' ');
}

function isClosed(text: string): boolean {
  let depth = 0;
  for (const char of text) depth += char === '{' || char === '[' ? 1 : char === '}' || char === ']' ? -1 : 0;
  return depth <= 0;
}

/** What stands in a flow map or list, itself and no deeper: an entry of a list is a key without a value. */
function entriesOf(text: string): Pick<Field, 'key' | 'value'>[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '{' || char === '[') {
      if (++depth === 1) start = index + 1;
    } else if (char === '}' || char === ']') {
      if (--depth > 0) continue;
      parts.push(text.slice(start, index));
      break;
    } else if (char === ',' && depth === 1) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  // It ends where the reader was led to believe that it does.
  if (depth === 1) parts.push(text.slice(start));
  return parts.flatMap((part) => {
    const said = part.trim();
    return said === '' ? [] : [fieldIn(said) ?? { key: unquoted(said), value: '' }];
  });
}

function unique(values: Iterable<string>): string[] {
  return [...new Set(values)].sort();
}
