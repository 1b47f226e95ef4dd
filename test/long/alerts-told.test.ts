import { test } from 'vitest';
import { killWhileTelling } from '../support/alerts-told.ts';

test('1,000 alerts raise and clear while the daemon is killed: each is told once', () =>
	killWhileTelling(1000, 5));
