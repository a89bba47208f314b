/* SPDX-License-Identifier: BSD-3-Clause */
/* A program that feeds the filter with the frames on its standard input, for sanitizers: each frame
 * is a struct host_frame (its offset unused), then its bytes. Prints how many matched.
 */
#include "host.c"

int main(void)
{
	const __u16 ports[] = { 9101, 9102, 9103, 5432 };
	struct capture *all = host_open(500000000, ports, 4, 8, 8, 1 << 16);
	struct counters counters = {};
	struct host_frame frame;
	const __u8 *ring;

	host_interface(all, 2, 14);
	host_interface(all, 3, 0);
	while (fread(&frame, sizeof(frame), 1, stdin) == 1) {
		__u8 *bytes = malloc(frame.size); /* of its very size: any byte beyond is seen */

		if (fread(bytes, 1, frame.size, stdin) != frame.size)
			abort();
		frame.offset = 0;
		host_feed(all, bytes, &frame, 1);
		host_drain(all, &ring);
		free(bytes);
	}
	host_counters(all, 2, &counters);
	printf("%llu\n", counters.matched);
	host_close(all);
	return 0;
}
