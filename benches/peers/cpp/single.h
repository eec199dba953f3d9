// Single inserts of a growing map: how long each takes, and how much memory they need in the end.
#pragma once

#include <bit>
#include <fstream>
#include <iostream>

#include "workload.h"

// The bins are those of the worker in Rust.
template <typename Face>
void print_latency(size_t size, const std::string& op) {
    constexpr int FINENESS = 32;
    KeyList<uint64_t> list(size, [](size_t i) { return i; });
    std::vector<uint64_t> bins(64 * FINENESS);
    uint64_t worst = 0;
    Face map(0);
    clockid_t clock = op == "running" ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
    uint64_t last = nanoseconds(clock);
    for (size_t i = 0; i < size; i++) {
        map.insert(list.keys[i], i + 1);
        uint64_t now = nanoseconds(clock);
        uint64_t ns = now - last;
        int octave = std::bit_width(ns | 1) - 1;
        bins[octave * FINENESS + (((unsigned __int128)ns * FINENESS >> octave) & (FINENESS - 1))]++;
        worst = std::max(worst, ns);
        last = now;
    }
    std::cout << op << ' ' << worst << ' ' << map.count();
    for (size_t bin = 0; bin < bins.size(); bin++)
        if (bins[bin]) std::cout << ' ' << bin << ':' << bins[bin];
    std::cout << '\n';
}

// A line of /proc/self/status, in bytes.
inline uint64_t resident(std::string_view what) {
    std::ifstream status("/proc/self/status");
    std::string name;
    for (uint64_t kilobytes; status >> name; status.ignore(1 << 10, '\n'))
        if (name == what && status >> kilobytes) return kilobytes * 1024;
    throw std::runtime_error("no such line in /proc/self/status");
}

// The keys, which GLib's map needs to stay, are not counted.
template <typename Face>
void print_memory(size_t size) {
    KeyList<uint64_t> list(size, [](size_t i) { return i; });
    uint64_t before = resident("VmRSS:");
    Face map(0);
    for (size_t i = 0; i < size; i++) map.insert(list.keys[i], i + 1);
    uint64_t live = resident("VmRSS:") - before, peak = resident("VmHWM:") - before;
    std::cout << "memory " << live << ' ' << peak << ' ' << map.count() << '\n';
}
