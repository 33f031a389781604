import { ACCOUNT_ROUTES } from './account-routes.ts';
import { AGENTCORE_ROUTES } from './agentcore-routes.ts';
import { AGREEMENT_ROUTES } from './agreement-routes.ts';
import { ASSISTANT_ROUTES } from './assistant-routes.ts';
import { BEDROCK_ROUTES } from './bedrock-routes.ts';
import { EVENT_ROUTES } from './events-routes.ts';
import { IDENTITY_CENTER_ROUTES } from './identity-center-routes.ts';
import { MACHINE_LEARNING_ROUTES } from './machine-learning-routes.ts';
import { NAME_ROUTES } from './names-routes.ts';
import { ORGANIZATION_ROUTES } from './organization-routes.ts';
import type { ServiceRoute } from './service-route.ts';

/** Every operation of the regional services, by the package of the SDK and the official action. */
export const SERVICE_ROUTES: readonly ServiceRoute[] = [
  ...ORGANIZATION_ROUTES,
  ...ACCOUNT_ROUTES,
  ...AGENTCORE_ROUTES,
  ...BEDROCK_ROUTES,
  ...ASSISTANT_ROUTES,
  ...MACHINE_LEARNING_ROUTES,
  ...NAME_ROUTES,
  ...EVENT_ROUTES,
  ...IDENTITY_CENTER_ROUTES,
  ...AGREEMENT_ROUTES,
];
