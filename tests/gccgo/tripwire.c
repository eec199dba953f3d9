/* Preloaded into a Go program, this overwrites the first bytes of libgo's own map functions with a trapping
 * instruction: an operation that still reaches them kills the process. The functions that are not exported are found in
 * libgo's symbol table. */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const poisoned[] = {
    "makemap", "makemap64", "makemap__small",
    "mapaccess1", "mapaccess1__fat", "mapaccess1__fast32", "mapaccess1__fast64", "mapaccess1__faststr",
    "mapaccess2", "mapaccess2__fat", "mapaccess2__fast32", "mapaccess2__fast64", "mapaccess2__faststr",
    "mapassign", "mapassign__fast32", "mapassign__fast32ptr", "mapassign__fast64", "mapassign__fast64ptr",
    "mapassign__faststr",
    "mapdelete", "mapdelete__fast32", "mapdelete__fast64", "mapdelete__faststr",
    "mapclear", "mapiterinit", "mapiternext",
    "makeBucketArray", "hashGrow", "advanceEvacuationMark",
    "evacuate", "evacuate__fast32", "evacuate__fast64", "evacuate__faststr",
    "hmap.createOverflow", "hmap.growing", "hmap.incrnoverflow", "hmap.newoverflow", "hmap.noldbuckets",
    "hmap.oldbucketmask", "hmap.sameSizeGrow",
    "bmap.keys", "bmap.overflow", "bmap.setoverflow",
};
enum { COUNT = sizeof poisoned / sizeof *poisoned };

static void fail(const char *what) {
    fprintf(stderr, "tripwire: %s\n", what);
    abort();
}

static void trap(unsigned char *code) {
    size_t page = 4096;
    unsigned char *start = (unsigned char *)((size_t)code & ~(page - 1));
    if (mprotect(start, 2 * page, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
        fail("mprotect");
    code[0] = 0x0f; /* ud2 */
    code[1] = 0x0b;
}

static int is_poisoned(const char *name) {
    if (strncmp(name, "runtime.", 8) != 0)
        return 0;
    for (int i = 0; i < COUNT; i++)
        if (strcmp(name + 8, poisoned[i]) == 0)
            return 1;
    return 0;
}

static void poison(const char *path, size_t base) {
    int fd = open(path, O_RDONLY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        fail("cannot open libgo");
    const char *file = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (file == MAP_FAILED)
        fail("mmap");
    const ElfW(Ehdr) *header = (const void *)file;
    const ElfW(Shdr) *sections = (const void *)(file + header->e_shoff);
    int found = 0;
    for (int i = 0; i < header->e_shnum; i++) {
        if (sections[i].sh_type != SHT_SYMTAB)
            continue;
        const ElfW(Sym) *symbols = (const void *)(file + sections[i].sh_offset);
        const char *names = file + sections[sections[i].sh_link].sh_offset;
        for (size_t s = 0; s < sections[i].sh_size / sizeof *symbols; s++)
            if (symbols[s].st_shndx != SHN_UNDEF && is_poisoned(names + symbols[s].st_name)) {
                trap((unsigned char *)(base + symbols[s].st_value));
                found++;
            }
    }
    if (found != COUNT)
        fail("libgo lacks some of the functions");
    munmap((void *)file, st.st_size);
    close(fd);
}

static int visit(struct dl_phdr_info *info, size_t size, void *data) {
    (void)size, (void)data;
    if (strstr(info->dlpi_name, "/libgo.so.21") == NULL)
        return 0;
    poison(info->dlpi_name, info->dlpi_addr);
    return 1;
}

__attribute__((constructor)) static void load(void) {
    dl_iterate_phdr(visit, NULL);
}
