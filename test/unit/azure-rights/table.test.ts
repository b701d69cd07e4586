import { describe, expect, it } from 'vitest';

import { cellsOf, isRuler, isThere, linksIn } from '../../../dev/checks/test-links.ts';
import { IDENTITY_ROLE, roleFor } from '../../../src/check/azure-command.ts';
import {
  ASSIGN_IDENTITY,
  type AzureAction,
  READ_IDENTITY,
  READ_PERMISSIONS,
  READ_SCALE_SET,
  WRITE_SCALE_SET,
} from '../../../src/identity/azure-actions.ts';
import { readRepositoryFile } from '../checks/repository.ts';

const page = readRepositoryFile('docs/azure-rights.md') ?? '';
const ACTIONS: readonly AzureAction[] = [
  READ_SCALE_SET,
  WRITE_SCALE_SET,
  ASSIGN_IDENTITY,
  READ_IDENTITY,
  READ_PERMISSIONS,
];

const rows = page
  .split('\n')
  .map(cellsOf)
  .filter((cells) => cells.length === 4 && cells[0] !== 'Right' && !isRuler(cells))
  .map(([right = '', seen = '', command = '', tests = '']) => ({
    action: right.replaceAll('`', ''),
    seen,
    command,
    tests: linksIn(tests),
  }));

describe('the table of what one sees without each right, in docs/azure-rights.md', () => {
  it('has each right that the operator uses, once', () => {
    expect(rows.map(({ action }) => action)).toEqual(ACTIONS);
  });

  it('names tests that are there', () => {
    expect(rows.filter(({ tests }) => tests.length === 0)).toEqual([]);
    expect(rows.flatMap(({ tests }) => tests).filter((test) => !isThere(test, readRepositoryFile))).toEqual([]);
  });

  it.each(rows.filter(({ action }) => action !== READ_PERMISSIONS))(
    'has the command that --check prints: $action',
    (row) => {
      expect(row.command).toContain(`--role '${roleFor(row.action as AzureAction)}'`);
      expect(row.command).toContain(
        roleFor(row.action as AzureAction) === IDENTITY_ROLE ? 'of identities' : 'of scale sets',
      );
    },
  );
});
