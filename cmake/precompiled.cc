// What the precompiled headers are compiled for (cmake/EnlaceBuild.cmake).
