import { expect, test } from 'vitest';
import { namespacesOf, packageForm } from '../../src/catalog/package-name.ts';

test.each([
  ['pypi:Acme_-.Brain', 'pypi:acme-brain'],
  ['cargo:Acme_Brain', 'cargo:acme-brain'],
  ['crates.io:Acme_Brain', 'cargo:acme-brain'],
  ['crates:acme', 'cargo:acme'],
  ['golang:Code.Example/Brain', 'go:code.example/brain'],
  ['packagist:Acme/Brain', 'composer:acme/brain'],
  ['rubygems:Brain_Kit', 'gem:Brain_Kit'],
  ['gem:Brain_Kit', 'gem:Brain_Kit'],
  ['npm:@Acme/Brain_Kit', 'npm:@Acme/Brain_Kit'],
  ['maven:Org.Acme:Brain', 'maven:org.acme/brain'],
  ['NuGet:Acme_Brain', 'nuget:acme_brain'],
  [':Brain', ':brain'],
  ['Brain', 'Brain'],
  ['constructor:Brain', 'constructor:brain'],
])('%s is spelled %s', (value, form) => {
  expect(packageForm(value)).toBe(form);
});

test.each<[string, string[]]>([
  ['npm:@acme/brain', ['package npm:@acme/*']],
  ['npm:brain', []],
  ['npm', []],
  ['composer:acme/brain', ['package composer:acme/*']],
  ['githubactions:acme/brain', ['action acme/brain', 'github_owner acme']],
  [
    'go:github.com/acme/brain/v3/option',
    ['package go:github.com/acme/brain/v3', 'package go:github.com/acme/brain', 'package go:github.com/acme', 'github_owner acme'],
  ],
  ['go:github.com', []],
  ['swift:code.example/sdk/brain', ['package swift:code.example/sdk', 'domain code.example']],
  ['maven:com.acme.brain/kit', ['package maven:com.acme.brain/*', 'domain brain.acme.com']],
  ['maven:io.github.acme/kit', ['package maven:io.github.acme/*', 'github_owner acme']],
  ['maven:com.github.acme/kit', ['package maven:com.github.acme/*', 'github_owner acme']],
  ['maven:org.github.acme/kit', ['package maven:org.github.acme/*', 'domain acme.github.org']],
  ['maven:io.acme/kit', ['package maven:io.acme/*', 'domain acme.io']],
  ['pypi:brain', []],
])('%s lies in the namespaces of %j', (form, expected) => {
  expect(namespacesOf(form).map(({ type, value }) => `${type} ${value}`)).toEqual(expected);
});
