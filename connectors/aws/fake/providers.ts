import { hexadecimal } from './ids.ts';
import type { OidcProvider, SamlProvider, Setting } from './model.ts';

export const GITHUB_ISSUER = 'token.actions.githubusercontent.com';
export const MODAL_ISSUER = 'oidc.modal.com';

export function oidcArn(account: string, issuer: string): string {
  return `arn:aws:iam::${account}:oidc-provider/${issuer}`;
}

/** The directory of the organisation, and the one that Identity Center makes in every account that it signs people in to. */
export function samlArns({ company, account }: Setting): { directory: string; identityCenter: string } {
  const provider = (name: string) => `arn:aws:iam::${account}:saml-provider/${name}`;
  return {
    directory: provider('corporate-directory'),
    identityCenter: provider(`AWSSSO_${hexadecimal(16, company.seed, 'identity center')}_DO_NOT_DELETE`),
  };
}

export function oidcProviders({ company, account }: Setting): readonly OidcProvider[] {
  const provider = (issuer: string, audience: string, days: number): OidcProvider => ({
    arn: oidcArn(account, issuer),
    issuer,
    audiences: [audience],
    thumbprints: [hexadecimal(40, company.seed, issuer)],
    created: company.ago(days),
  });
  return [provider(MODAL_ISSUER, 'oidc.modal.com', 45), provider(GITHUB_ISSUER, 'sts.amazonaws.com', 500)];
}

export function samlProviders(setting: Setting): readonly SamlProvider[] {
  const { company } = setting;
  const { directory, identityCenter } = samlArns(setting);
  return [
    { arn: identityCenter, created: company.ago(800), validUntil: company.ago(-36_000) },
    { arn: directory, created: company.ago(900), validUntil: company.ago(-700) },
  ];
}

/** Product teams have switched it on, the management account has not. */
export function outboundIssuer({ company, account, home }: Setting): string | undefined {
  return account === home ? undefined : `https://${hexadecimal(32, company.seed, 'outbound')}.tokens.sts.global.api.aws`;
}
