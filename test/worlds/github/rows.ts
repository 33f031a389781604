/** Rows of GitHub's lists, written from its reference and not from what Noctule reads of them. */
const AT = '2026-06-01T08:00:00Z';

export function account(login: string, id: number, type: 'User' | 'Bot' | 'Organization' = 'User') {
  const path = login.replace('[', '%5B').replace(']', '%5D');
  return {
    login,
    id,
    node_id: `U_${id}`,
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
    gravatar_id: '',
    url: `https://api.github.com/users/${path}`,
    html_url: `https://github.com/${path}`,
    type,
    site_admin: false,
  };
}

export function installation(said: { id: number; appId: number; slug: string; permissions?: Readonly<Record<string, string>> }) {
  return {
    id: said.id,
    account: account('lanternworks', 17_515_872, 'Organization'),
    access_tokens_url: `https://api.github.com/app/installations/${said.id}/access_tokens`,
    repositories_url: 'https://api.github.com/installation/repositories',
    html_url: `https://github.com/organizations/lanternworks/settings/installations/${said.id}`,
    app_id: said.appId,
    app_slug: said.slug,
    client_id: `Iv23li${String(said.appId).padStart(14, 'x')}`,
    target_id: 17_515_872,
    target_type: 'Organization',
    repository_selection: 'all',
    permissions: said.permissions ?? { contents: 'write', metadata: 'read' },
    events: ['pull_request'],
    created_at: AT,
    updated_at: AT,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: null,
  };
}

export function seat(login: string, id: number) {
  return {
    created_at: AT,
    updated_at: AT,
    assignee: account(login, id),
    assigning_team: null,
    pending_cancellation_date: null,
    last_activity_at: '2026-11-18T10:00:00Z',
    last_activity_editor: 'vscode/1.106.2/copilot/1.388.0',
    last_authenticated_at: '2026-11-18T09:00:00Z',
    plan_type: 'business',
  };
}

export function space(id: number) {
  const owner = account('lanternworks', 17_515_872, 'Organization');
  return {
    id,
    number: id,
    name: `Space ${id}`,
    description: null,
    general_instructions: 'Be brief.',
    base_role: 'reader',
    owner,
    creator: account('mara', 31),
    created_at: AT,
    updated_at: AT,
    html_url: `https://github.com/copilot/spaces/lanternworks/${id}`,
    api_url: `https://api.github.com/orgs/lanternworks/copilot-spaces/${id}`,
  };
}

export function hook(id: number, address: string, secret = '********') {
  const api = `https://api.github.com/orgs/lanternworks/hooks/${id}`;
  return {
    id,
    url: api,
    ping_url: `${api}/pings`,
    deliveries_url: `${api}/deliveries`,
    name: 'web',
    events: ['pull_request'],
    active: true,
    config: { url: address, content_type: 'json', insecure_ssl: '0', secret },
    updated_at: AT,
    created_at: AT,
    type: 'Organization',
  };
}

export function secret(name: string) {
  return { name, created_at: AT, updated_at: AT, visibility: 'all' };
}

export function runner(id: number, name: string) {
  return { id, name, os: 'linux', status: 'online', busy: false, labels: [{ id: 1, name: 'self-hosted', type: 'read-only' }] };
}
