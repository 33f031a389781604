import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { ACCOUNTS, emailOf, PROJECTS } from './cloud.ts';
import { answerRows } from './lists.ts';
import { type Shape, shapeOf } from './mask.ts';
import { query } from './parameters.ts';
import { badParameter, Refused, refusal } from './refusals.ts';
import { STORY_COMPANY } from './stories.ts';
import type { World } from './world.ts';

/** When keys were last used: one two days ago, those of the other account not while Google watched. */
export function queryActivities(world: World, request: FakeRequest): FakeAnswer {
  const { project, location, activityType } = request.params;
  if (world.people < STORY_COMPANY || location !== 'global') throw new Refused(refusal(403));
  if (activityType !== 'serviceAccountKeyLastAuthentication') throw badParameter('parent', `Unknown activity type ${activityType}`);
  const values = query(request, ['filter', 'pageSize', 'pageToken']);
  const midnight = (days: number) => `${world.company.ago(days).toISOString().slice(0, 10)}T07:00:00Z`;
  const rows = keysOf(project!).map(({ account, key }) => {
    const fullResourceName = `//iam.googleapis.com/projects/${account.project.id}/serviceAccounts/${emailOf(account)}/keys/${key.id}`;
    const serviceAccountKey = { fullResourceName, projectNumber: account.project.number, serviceAccountId: account.id };
    return {
      fullResourceName,
      activityType,
      observationPeriod: { startTime: midnight(400), endTime: midnight(2) },
      activity: { ...(!key.exposed && { lastAuthenticatedTime: midnight(2) }), serviceAccountKey },
    };
  });
  const shape: Shape = { nextPageToken: true, activities: shapeOf('activity activityType fullResourceName observationPeriod') };
  return answerRows(rows, request, values, { field: 'activities', shape, sizeParameter: 'pageSize', usual: 100, largest: 1000 });
}

function keysOf(project: string) {
  const accounts = ACCOUNTS.filter((account) => [account.project.id, account.project.number].includes(project));
  return accounts.flatMap((account) => account.keys.map((key) => ({ account, key })));
}

/** Pages of that size, of the projects that have keys which somebody may hold. */
export function keyUseSizes(world: World, size: number) {
  if (world.people < STORY_COMPANY) return { keyUsePages: 0 };
  const projects = PROJECTS.filter(({ id }) => keysOf(id).some(({ key }) => !key.system));
  return { keyUsePages: projects.reduce((sum, { id }) => sum + Math.max(1, Math.ceil(keysOf(id).length / size)), 0) };
}
