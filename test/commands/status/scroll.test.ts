import { expect, test } from 'vitest';
import { keysIn, Scroll, type ScrollKey } from '../../../src/commands/status/scroll.ts';

test('keys are read as terminals send them, several at a time, among others that mean nothing', () => {
	expect(keysIn('\x1b[A\x1bOBj\x1b[6~x\x1b[1;5C\x1b[5~G\x1b[H \x1b')).toEqual<ScrollKey[]>([
		...(['up', 'down', 'down', 'page-down', 'page-up', 'last', 'first', 'page-down'] as const),
	]);
});

function scrolled(lines: number, room: number, ...keys: ScrollKey[]): string {
	const scroll = new Scroll();
	scroll.part(lines, room);
	for (const key of keys) scroll.press(key);
	const { from, to } = scroll.part(lines, room);
	return `${from}-${to}`;
}

test('it moves by lines and pages, and never beyond the ends', () => {
	expect(scrolled(20, 5)).toBe('0-5');
	expect(scrolled(20, 5, 'down', 'down', 'up')).toBe('1-6');
	expect(scrolled(20, 5, 'page-down', 'page-down')).toBe('10-15');
	expect(scrolled(20, 5, 'last', 'down')).toBe('15-20');
	expect(scrolled(20, 5, 'last', 'page-up')).toBe('10-15');
	expect(scrolled(20, 5, 'up')).toBe('0-5');
	expect(scrolled(3, 5, 'down', 'page-down', 'last')).toBe('0-3');
	expect(scrolled(3, 0, 'page-down')).toBe('1-1');
});

test('at the end it stays at the end of a list that grows, elsewhere where it is', () => {
	const scroll = new Scroll();
	scroll.part(20, 5);
	scroll.press('down');
	expect(scroll.part(30, 5)).toEqual({ from: 1, to: 6 });
	scroll.press('last');
	expect(scroll.part(40, 5)).toEqual({ from: 35, to: 40 });
	expect(scroll.part(4, 5)).toEqual({ from: 0, to: 4 });
});
