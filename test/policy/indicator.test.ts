import { describe, expect, test } from 'vitest';
import { isDomain, namedBy } from '../../src/policy/indicator.ts';

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
  ])('%s', (indicator, said, by) => {
    expect(namedBy(indicator, said)).toBe(by);
  });

  test('by the id of its credential', () => {
    expect(namedBy('AKIAEXAMPLE', { subject: { app: '7', credential: 'AKIAEXAMPLE', name: 'Key' }, signals: [] })).toBe(
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
  ])('never by a name that anybody can choose, nor by a part of something else: %s', (indicator, said) => {
    expect(namedBy(indicator, said)).toBeUndefined();
  });

  test('a slug, a number and an address are no domains', () => {
    expect(['evil.example', 'a.b.cd', 'xn--e1afmkfd.example'].map(isDomain)).toEqual([true, true, true]);
    expect(['evil-helper', '123456789012', '10.0.0.1', 'https://a.example', 'a@b.example', '', '.example'].map(isDomain)).toEqual(
      Array.from({ length: 7 }, () => false),
    );
  });
});
