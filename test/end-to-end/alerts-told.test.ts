import { test } from 'vitest';
import { killWhileTelling } from '../support/alerts-told.ts';

test('a daemon that is killed while alerts raise and clear tells each of them once', () =>
	killWhileTelling(30, 1));
