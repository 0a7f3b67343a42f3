# What 'cmake --install' gives: the library, its headers, a CMake package and a pkg-config file.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS muster EXPORT muster-targets FILE_SET HEADERS)

# An installed static library needs the RocksDB that it was compiled with. A packaged one is named;
# one in a prefix of its own is told by its place, which pkg-config would not look into.
set(rocksdb_paths "")
set(rocksdb_required "rocksdb = ${RocksDB_VERSION}, ")
set(rocksdb_linked "")
if(MUSTER_ROCKSDB)
  set(rocksdb_paths "PATHS \"${MUSTER_ROCKSDB}\" NO_DEFAULT_PATH")
  set(rocksdb_required "")
  set(rocksdb_linked "Libs.private: ${rocksdb_library} -Wl,-rpath,${rocksdb_folder}\n")
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/muster)
install(EXPORT muster-targets NAMESPACE muster:: DESTINATION ${package_dir})
configure_package_config_file(tools/package/muster-config.cmake.in muster-config.cmake
                              INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 each minor version may change the interface.
write_basic_package_version_file(muster-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/muster-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/muster-config-version.cmake DESTINATION ${package_dir})

# Relative to the file itself: 'cmake --install --prefix' may put the whole anywhere.
file(RELATIVE_PATH prefix_from_pc ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(tools/package/muster.pc.in muster.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/muster.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
