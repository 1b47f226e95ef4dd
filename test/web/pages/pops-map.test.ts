/** The map of points of presence, by itself. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MapPlace, worldMap } from '../../../src/web/pages/pops/map.ts';

const place = (name: string, latitude: number, longitude: number, more: Partial<MapPlace> = {}) => ({
	...{ name, latitude, longitude, medianSeconds: 0.012, loss: 0 },
	...more,
});
const zrh = place('zrh', 47.4, 8.5);
const viewsIn = (text: string) => [...text.matchAll(/viewBox="([^"]+)"/g)].map(([, box]) => box);

test('places that are close together are shown a second time, larger, and none of them lies outside', () => {
	const far = worldMap([zrh, place('syd', -33.9, 151.2)]).toString();
	expect(viewsIn(far)).toEqual(['0 60 3600 1440']);
	const close = worldMap([zrh, place('fra', 50.1, 8.7, { loss: 0.1 })]).toString();
	const [, detail = ''] = viewsIn(close);
	const [x = 0, y = 0, width = 0, height = 0] = detail.split(' ').map(Number);
	expect(width).toBeLessThan(400);
	for (const { latitude, longitude } of [zrh, { latitude: 50.1, longitude: 8.7 }]) {
		expect(10 * (longitude + 180) - x).toBeGreaterThan(0);
		expect(10 * (longitude + 180) - x).toBeLessThan(width);
		expect(10 * (90 - latitude) - y).toBeGreaterThan(0);
		expect(10 * (90 - latitude) - y).toBeLessThan(height);
	}
	expect(close).toContain('fra: 12 ms, 10% lost');
	expect(worldMap([zrh]).toString().match(/<svg/g)).toHaveLength(1);
});

test('whatever the places are, each has one mark in each picture, and all words are escaped', () => {
	const one = fc.record({
		name: fc.constantFrom('<b>', 'a', 'b.c'),
		latitude: fc.double({ min: -90, max: 90, noNaN: true }),
		longitude: fc.double({ min: -180, max: 180, noNaN: true }),
		medianSeconds: fc.option(fc.double({ min: 0, max: 3, noNaN: true })),
		loss: fc.option(fc.constantFrom(0, 0.01, 0.5, 1)),
	});
	fc.assert(
		fc.property(fc.array(one, { maxLength: 30 }), (places) => {
			const text = worldMap(places).toString();
			const pictures = viewsIn(text).length;
			expect(text.match(/class="mark /g) ?? []).toHaveLength(pictures * places.length);
			expect(text).not.toMatch(/<b>|NaN|undefined|null/);
		}),
		{ numRuns: 50 },
	);
});
