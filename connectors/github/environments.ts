import { within, type ScanEvent } from '../../src/connector/index.ts';
import { webPage, type Config } from './config.ts';
import { control } from './control.ts';
import type { Part } from './deep.ts';
import { closedGap, leaf, placeOf, readLeaf } from './inventory.ts';
import { environment, type Environment, type Repository, type SecretName } from './schema.ts';
import { heldStoreOf } from './secrets.ts';

export const ENVIRONMENTS = 'GET /repos/{owner}/{repo}/environments';
export const ENVIRONMENT_SECRETS = 'GET /repos/{owner}/{repo}/environments/{environment_name}/secrets';
export const ENVIRONMENT_VARIABLES = 'GET /repos/{owner}/{repo}/environments/{environment_name}/variables';

const STORES = [
  { name: 'secrets', list: ENVIRONMENT_SECRETS, store: 'environment', what: 'secret' },
  { name: 'variables', list: ENVIRONMENT_VARIABLES, store: 'environment_variables', what: 'variable' },
] as const;

/** Environments of a repository: the names of what they hold, and whether a person has to approve before a workflow gets at it. */
export function environments(config: Config, root: string): Part {
  return {
    name: 'environments',
    list: ENVIRONMENTS,
    below: STORES.map(({ name, list }) => ({ name: `environments/${name}`, list })),
    async read(context, of) {
      const place = [root, of.id, 'environments'];
      const found: Environment[] = [];
      const events: ScanEvent[] = await readLeaf(
        context,
        leaf<Environment>({
          list: ENVIRONMENTS,
          parameters: parametersOf(of),
          place,
          what: 'environment',
          effect: `Which environments ${of.full_name} has is unknown`,
          size: 'environments',
          schema: environment,
          key: ['id'],
          observe(row, scope) {
            found.push(row);
            return gate(config, of, row, scope);
          },
        }),
      );
      for (const { name, list, store, what } of STORES) {
        // Refused for all, it is one gap of the repository, whatever its environments are called.
        const scope = within(placeOf(context, { place }), name);
        if (found.length > 0 && context.client.isClosed(list))
          events.push(await closedGap(context.client, list, scope, `What environments of ${of.full_name} hold is unknown`));
        else
          for (const row of found) {
            const listing = heldStoreOf(list, store, what, {
              config,
              repository: of,
              holder: ['environment', of.id, row.id],
              name: `the environment ${row.name} of ${of.full_name}`,
            });
            const parameters = { ...parametersOf(of), environment_name: row.name };
            events.push(
              ...(await readLeaf(context, leaf<SecretName>({ ...listing, parameters, place: [...place, name, row.id], size: store }))),
            );
          }
      }
      return events;
    },
  };
}

function parametersOf({ owner, name, id }: Repository) {
  return { owner: owner.login, repo: name, id };
}

/** Who has to approve before a workflow is let in: people, or nobody. */
function gate(config: Config, of: Repository, row: Environment, scope: string) {
  const rule = row.protection_rules?.find(({ type }) => type === 'required_reviewers');
  const reviewers = rule?.reviewers?.length ?? 0;
  return control(
    ['environment', of.id, row.id],
    row.name,
    { scope, source: ENVIRONMENTS, url: webPage(config, `/${of.full_name}/settings/environments/${row.id}/edit`) },
    {
      repository: of.id,
      repositoryName: of.full_name,
      requiredReviewers: reviewers,
      gate: reviewers > 0 ? 'present' : 'absent',
      ...(rule?.prevent_self_review === true && { notByOneself: true }),
    },
  );
}
