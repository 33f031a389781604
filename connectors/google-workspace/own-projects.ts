import { type CollectContext, type ScanEvent } from '../../src/connector/index.ts';
import type { z } from 'zod';
import type { Client } from './client.ts';
import { cloudFolder, cloudProject } from './cloud-schema.ts';
import type { Config } from './config.ts';
import { CLOUD_PERMISSIONS } from './operations.ts';
import { ownOrganization } from './own-organization.ts';
import { listPages } from './pages.ts';

export type Project = z.infer<typeof cloudProject>;

export interface OwnProjects {
  projects: Project[];
  /** Organisations that were seen. */
  organizations: number;
  /** Requests that it took to walk the organisation. */
  requests: number;
}

/**
 * Projects of the organisation, folder by folder: a list of what lies in one place is refused where it may not be seen, while a search
 * would leave it out. What lies in a folder that is refused is a gap over all that is in no project that was seen. Undefined = a gap says
 * why nothing was.
 */
export async function* ownProjects(
  context: CollectContext<Config, Client>,
  { scope, effect }: { scope: string; effect: string },
): AsyncGenerator<ScanEvent, OwnProjects | undefined> {
  const own = yield* ownOrganization(context, scope, effect);
  if (!own) return undefined;
  const { client } = context;
  const found: OwnProjects = { projects: [], organizations: own.seen, requests: 0 };
  const parents = [own.name];
  for (const parent of parents) {
    const where = parent === own.name ? 'the organisation' : `the folder ${parent.slice('folders/'.length)}`;
    const folders = { scope, effect: `Which folders ${where} has is unknown, and what they hold`, permission: CLOUD_PERMISSIONS.folders };
    const listed = { loss: folders, what: 'folder', schema: cloudFolder };
    for await (const page of listPages({ ...listed, ask: (pageToken) => client.folders({ parent, pageToken }) })) {
      found.requests++;
      if (page.gap) yield page.gap;
      else {
        yield* page.gaps;
        for (const { name } of page.items) if (!parents.includes(name)) parents.push(name);
      }
    }
    const loss = { scope, effect: `Which projects ${where} has is unknown, and what they hold`, permission: CLOUD_PERMISSIONS.projects };
    const held = { loss, what: 'project', schema: cloudProject };
    for await (const page of listPages({ ...held, ask: (pageToken) => client.projects({ parent, pageToken }) })) {
      found.requests++;
      if (page.gap) yield page.gap;
      else {
        yield* page.gaps;
        found.projects.push(...page.items);
      }
    }
  }
  return found;
}
