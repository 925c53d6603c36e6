import { decodeText } from '../../nodes/FeishuMail/mime/encodedText';

it('as many signs of padding as a mail can hold take no time', () => {
	const text = `a${'='.repeat(200_000)}b`;
	const from = performance.now();
	expect(decodeText(text)).toBe(text);
	expect(performance.now() - from).toBeLessThan(500);
});
