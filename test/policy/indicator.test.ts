import { describe, expect, test } from 'vitest';
import { indicatorOf, isDomain, namedBy } from '../../src/policy/indicator.ts';

const app = (id: string, name: string, ...signals: [string, string][]) => ({
  subject: { app: id, name },
  signals: [{ type: 'app_name', value: name }, ...signals.map(([type, value]) => ({ type, value }))],
});

describe('an indicator names an app', () => {
  test.each([
    ['1-a.apps.googleusercontent.com', app('1-a.apps.googleusercontent.com', 'Whatever'), 'id of the app'],
    [' 1-A.apps.googleusercontent.com ', app('1-a.apps.googleusercontent.com', 'Whatever'), 'id of the app'],
    ['evil-helper', app('7', 'Helper', ['github_app', 'evil-helper']), 'github app'],
    ['210987654321', app('arn:aws:iam::210987654321:root', 'Role', ['aws_account_id', '210987654321']), 'aws account id'],
    ['evil.example', app('7', 'Helper', ['domain', 'mcp.evil.example']), 'domain'],
    ['evil.example', app('7', 'Helper', ['home_page', 'https://www.EVIL.example:8443/pricing?x=1']), 'home page'],
    ['evil.example', app('7', 'Helper', ['oidc_issuer', 'login.evil.example/tenant']), 'oidc issuer'],
    ['evil.example', app('7', 'Helper', ['commit_email', 'bot@evil.example']), 'commit email'],
    // As they are published.
    ['evil[.]example', app('7', 'Helper', ['domain', 'mcp.evil.example']), 'domain'],
    ['hxxps://login.evil[.]example/a?b#c', app('7', 'Helper', ['oidc_issuer', 'login.evil.example/tenant']), 'oidc issuer'],
    ['hXXp[:]//evil(.)example:8080', app('7', 'Helper', ['home_page', 'https://evil.example/']), 'home page'],
    ['https://www.evil.example/pricing', app('7', 'Helper', ['home_page', 'https://www.evil.example']), 'home page'],
    ['Evil.Example.', app('7', 'Helper', ['domain', 'evil.example']), 'domain'],
    ['bot[@]evil[.]example', app('7', 'Helper', ['commit_email', 'bot@evil.example']), 'commit email'],
    ['arn:aws:iam::210987654321:role/Reader', app('7', 'Role', ['aws_account_id', '210987654321']), 'aws account id'],
    ['arn:aws:iam::210987654321:role/Reader', app('arn:aws:iam::210987654321:role/Reader', 'Role'), 'id of the app'],
    ['ÉVIL-hélper', app('7', 'Helper', ['bot_login', 'évil-Hélper']), 'bot login'],
  ])('%s', (indicator, said, by) => {
    expect(namedBy(indicatorOf(indicator), said)).toBe(by);
  });

  test('by the id of its credential', () => {
    expect(namedBy(indicatorOf('AKIAEXAMPLE'), { subject: { app: '7', credential: 'AKIAEXAMPLE', name: 'Key' }, signals: [] })).toBe(
      'id of the credential',
    );
  });

  test.each([
    ['evil.example', app('7', 'evil.example')],
    ['evil.example', app('7', 'Helper', ['domain', 'notevil.example'])],
    ['evil.example', app('7', 'Helper', ['domain', 'evil.example.org'])],
    ['evil.example', app('7', 'Helper', ['home_page', 'https://good.example/evil.example'])],
    ['evil.example', app('7', 'Helper', ['home_page', 'https://good.example?from=@evil.example'])],
    ['12', app('123', 'Helper', ['github_app_id', '1234'])],
    ['helper', app('7', 'Helper', ['extension_name', 'helper'])],
    // An id that reads like a domain is no host.
    ['idhost.example', app('1-a.apps.idhost.example', 'Helper', ['oauth_client_id', '1-a.apps.idhost.example'])],
    ['cloud.example', app('7', 'Helper', ['service_principal', 'models.cloud.example'])],
    ['bot@evil.example', app('7', 'Helper', ['domain', 'evil.example'])],
  ])('never by a name that anybody can choose, nor by a part of something else: %s', (indicator, said) => {
    expect(namedBy(indicatorOf(indicator), said)).toBeUndefined();
  });

  test('is looked for as a whole and by its host or account', () => {
    expect(indicatorOf(' hxxps://A.Evil[.]example./x ')).toEqual({
      given: 'hxxps://A.Evil[.]example./x',
      forms: ['https://a.evil.example./x', 'a.evil.example'],
    });
    expect(indicatorOf('evil-helper').forms).toEqual(['evil-helper']);
    expect(indicatorOf('owner/action').forms).toEqual(['owner/action']);
    expect(indicatorOf('npm:@evil/helper').forms).toEqual(['npm:@evil/helper']);
  });

  test('a slug, a number and an address are no domains', () => {
    expect(['evil.example', 'a.b.cd', 'xn--e1afmkfd.example'].map(isDomain)).toEqual([true, true, true]);
    expect(['evil-helper', '123456789012', '10.0.0.1', 'https://a.example', 'a@b.example', '', '.example'].map(isDomain)).toEqual(
      Array.from({ length: 7 }, () => false),
    );
  });
});
