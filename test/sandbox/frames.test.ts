import { decodeFrame, encodeFrame } from './frames';
import type { Frame } from './frames';

const header = (key: string, value: string) => ({ key, value });

/** As both SDKs write them. */
const cases: Array<[string, string, Frame]> = [
	[
		'a ping',
		'0800100018f681801020002a0c0a0474797065120470696e67',
		{ SeqID: 0n, LogID: 0n, service: 33_554_678, method: 0, headers: [header('type', 'ping')] },
	],
	[
		'an answer to a piece of an event',
		'080110fb80e0d5b495eb8e6918f681801020012a0d0a047479706512056576656e742a180a0a6d6573736167655f6964120a62396433663064322d312a080a0373756d120132' +
			'2a080a037365711201302a100a0874726163655f6964120474722d312a1a0a0974696d657374616d70120d313736343030303030303132332a150a0b696e7374616e63655f69641206696e73743d3d' +
			'2a0b0a0662697a5f7274120133420c7b22636f6465223a3230307d4a1330323137363430303030303030303030303030',
		{
			SeqID: 1n,
			LogID: 7_574_400_000_000_000_123n,
			service: 33_554_678,
			method: 1,
			headers: [
				header('type', 'event'),
				header('message_id', 'b9d3f0d2-1'),
				header('sum', '2'),
				header('seq', '0'),
				header('trace_id', 'tr-1'),
				header('timestamp', '1764000000123'),
				header('instance_id', 'inst=='),
				header('biz_rt', '3'),
			],
			payload: Buffer.from('{"code":200}'),
			LogIDNew: '0217640000000000000',
		},
	],
];

describe.each(cases)('%s', (_name, hex, frame) => {
	it('is read and written', () => {
		expect(decodeFrame(Buffer.from(hex, 'hex'))).toEqual(frame);
		expect(encodeFrame(frame).toString('hex')).toBe(hex);
	});
});

it('is no frame without the fields that are required', () => {
	const [, hex] = cases[0] ?? [];
	for (const wrong of [hex?.slice(4), '0800100018f68180102a0c0a0474797065120470696e67', 'ff00']) {
		expect(() => decodeFrame(Buffer.from(wrong ?? '', 'hex'))).toThrow();
	}
});
