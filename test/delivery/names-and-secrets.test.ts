import { expect, it, test } from 'vitest';
import { sinkName } from '../../src/config/sink-name.ts';
import { hiderFor } from '../../src/delivery/secrets.ts';

test.each([
	['telegraf', 'udp://127.0.0.1:8094', 'telegraf-udp-127.0.0.1-8094'],
	['kafka', 'kafka://broker.example', 'kafka-kafka-broker.example'],
	['telegraf', 'unix:///run/telegraf.sock', /^telegraf-unix-run-telegraf\.sock-[\da-f]{8}$/],
	['http', 'http://a.example/../../etc?x=1', /^http-http-a\.example-\.\.-\.\.-etc-x-1-[\da-f]{8}$/],
	['http', `http://a.example/${'long/'.repeat(100)}`, /^http-http-a\.example-long[a-z-]+-[\da-f]{8}$/],
])('%s at %s has a folder of its own', (type, destination, name) => {
	const made = sinkName(type, destination, new Set());
	expect(made).toMatch(name);
	expect(made).toMatch(/^[A-Za-z\d][A-Za-z\d.-]{0,99}$/);
	expect(sinkName(type, destination, new Set())).toBe(made);
});

it('destinations that differ only in what a name cannot hold have different names', () => {
	const names = ['http://h/a/b', 'http://h/a-b', 'http://h/a?b', 'http://h-a/b'].map((destination) =>
		sinkName('http', destination, new Set()),
	);
	expect(new Set(names).size).toBe(4);
});

it('two sinks alike get a number each', () => {
	const taken = new Set<string>();
	for (let i = 0; i < 3; i++) taken.add(sinkName('x', 'udp://h:1', taken));
	expect([...taken]).toEqual(['x-udp-h-1', 'x-udp-h-1-2', 'x-udp-h-1-3']);
});

it('passwords and tokens are hidden wherever they stand', () => {
	const hide = hiderFor({
		url: 'https://me:p%40ss@h.example:8086/write',
		token: 'tok-123',
		headers: { Authorization: 'Bearer xyz', Accept: 'text/plain' },
		sasl: { username: 'me', password: 1234 },
		brokers: ['kafka://a:secret1@b:9092'],
	});
	expect(hide('p%40ss p@ss tok-123 Bearer xyz text/plain me 1234 secret1 h.example')).toBe(
		'*** *** *** *** text/plain me *** *** h.example',
	);
	const named = { password_file: '/etc/password', token_file: '/etc/token', token: 'tok-1' };
	expect(hiderFor(named)('/etc/password /etc/token tok-1')).toBe('/etc/password /etc/token ***');
	expect(hiderFor({ url: 'udp://127.0.0.1:8094' })('udp://127.0.0.1:8094 refused')).toBe(
		'udp://127.0.0.1:8094 refused',
	);
});
