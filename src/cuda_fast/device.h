// What the device in use is able to do, asked once.
#pragma once

namespace needle::fast {

int ProcessorCount();     // streaming multiprocessors
int ComputeCapability();  // 80 stands for 8.0

}  // namespace needle::fast
