import type { Kind } from '../../src/connector/index.ts';

/** How a person takes it away again. The service of a credential decides which of the two key commands applies. */
export const remediation: Readonly<Partial<Record<Kind, string>>> = {
  api_key:
    'Stop it first, delete it when nothing breaks. ' +
    'Access key: find its id with "aws iam list-access-keys --user-name USER", then ' +
    '"aws iam update-access-key --user-name USER --access-key-id ID --status Inactive" and ' +
    '"aws iam delete-access-key --user-name USER --access-key-id ID". ' +
    'Key for one service: "aws iam update-service-specific-credential --user-name USER --service-specific-credential-id ID --status Inactive" and ' +
    '"aws iam delete-service-specific-credential --user-name USER --service-specific-credential-id ID". ' +
    'A user that was made for the key alone stays behind: detach its policies, then "aws iam delete-user --user-name USER".',
  trust:
    'Save the policy ("aws iam get-role --role-name ROLE --query Role.AssumeRolePolicyDocument > trust.json"), take the party out of trust.json, then ' +
    '"aws iam update-assume-role-policy --role-name ROLE --policy-document file://trust.json". ' +
    'Sessions that are already open last until they expire: end them with "Revoke active sessions" on the role in the console.',
  service_account:
    'Find what is attached with "aws iam list-attached-role-policies --role-name ROLE" and "aws iam list-role-policies --role-name ROLE", ' +
    'take it away with "aws iam detach-role-policy --role-name ROLE --policy-arn ARN" and "aws iam delete-role-policy --role-name ROLE --policy-name NAME", ' +
    'then "aws iam delete-role --role-name ROLE".',
  vendor_integration:
    'See first which roles trust it. OpenID Connect: "aws iam delete-open-id-connect-provider --open-id-connect-provider-arn ARN". ' +
    'SAML: "aws iam delete-saml-provider --saml-provider-arn ARN".',
  app_installation:
    'Application of Identity Center: switch it off first with "aws sso-admin update-application --application-arn ARN --status DISABLED", ' +
    'delete it when nothing breaks with "aws sso-admin delete-application --application-arn ARN". Those of AWS are deleted in their service.',
  oauth_grant:
    'Application of Identity Center: "aws sso-admin delete-application-grant --application-arn ARN --grant-type TYPE", or, of what it may do, ' +
    '"aws sso-admin delete-application-access-scope --application-arn ARN --scope SCOPE".',
  seat: '"aws qbusiness cancel-subscription --application-id APPLICATION --subscription-id ID": the seat ends with the month that is paid for.',
};
