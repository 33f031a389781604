import { expect, test } from 'vitest';
import { people } from '../../../connectors/google-workspace/people.ts';

test.each([
  ['scanner@project-1.iam.gserviceaccount.com', true],
  ['1042-compute@developer.gserviceaccount.com', true],
  ['project-1@appspot.GServiceAccount.com', true],
  ['ada@mygserviceaccount.com', false],
  ['ada@gserviceaccount.com.example', false],
])('%s is the address of a program, or is none', (address, isProgram) => {
  expect(people.isProgram!(address)).toBe(isProgram);
});
